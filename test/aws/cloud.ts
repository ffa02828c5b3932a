import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { createSqsClient } from '../../lib/queue/sqs-client.ts';
import { createS3Client } from '../../lib/store/s3-client.ts';
import { sharedLocalStack } from '../support/shared-localstack.ts';

/** The shared LocalStack, with the clients that the adapters use. */
export interface TestCloud {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly close: () => void;
}

export async function startCloud(): Promise<TestCloud> {
  const { endpoint, env } = await sharedLocalStack();
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
    close: () => {
      s3.destroy();
      sqs.destroy();
    },
  };
}

/** A name that nothing else has: buckets' names are no account's own. */
export function uniqueName(): string {
  return `test-${randomUUID().slice(0, 8)}`;
}

export async function newBucket(s3: S3Client): Promise<string> {
  const Bucket = uniqueName();
  await s3.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}
