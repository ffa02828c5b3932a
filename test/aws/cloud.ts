import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { createSqsClient } from '../../lib/queue/sqs-client.ts';
import { createS3Client } from '../../lib/store/s3-client.ts';
import { startLocalStack } from '../../localstack/start.ts';

/** Long enough to install LocalStack first. */
export const START_MS = 300_000;

/** A LocalStack, with the clients that the adapters use. */
export interface TestCloud {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly stop: () => Promise<void>;
}

export async function startCloud(): Promise<TestCloud> {
  const { endpoint, env, stop } = await startLocalStack();
  const settings = {
    endpoint,
    region: env.AWS_REGION,
    credentials: {
      accessKeyId: env.AWS_ACCESS_KEY_ID,
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
    },
  };
  const s3 = createS3Client({ ...settings, forcePathStyle: true });
  const sqs = createSqsClient(settings);
  return {
    s3,
    sqs,
    stop: async () => {
      s3.destroy();
      sqs.destroy();
      await stop();
    },
  };
}

/** A name that nothing else has, also in a LocalStack that is used again. */
export function uniqueName(): string {
  return `test-${randomUUID().slice(0, 8)}`;
}

export async function newBucket(s3: S3Client): Promise<string> {
  const Bucket = uniqueName();
  await s3.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}
