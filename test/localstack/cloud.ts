import { randomUUID } from 'node:crypto';
import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  GetEventSourceMappingCommand,
  InvokeCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { vi } from 'vitest';
import type { LocalStack } from '../../localstack/start.ts';
import { sharedLocalStack } from '../support/shared-localstack.ts';
import { zip } from './zip.ts';

export interface Queue {
  readonly url: string;
  readonly arn: string;
}

export interface Outcome {
  readonly payload: unknown;
  /** The handler failed, or could not run. */
  readonly failed: boolean;
  readonly log: string;
}

/** Clients for a LocalStack. */
export class Cloud {
  readonly lambda: LambdaClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;

  constructor({ endpoint, env }: Pick<LocalStack, 'endpoint' | 'env'>) {
    const credentials = {
      accessKeyId: env.AWS_ACCESS_KEY_ID,
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
    };
    const settings = { endpoint, region: env.AWS_REGION, credentials };
    this.lambda = new LambdaClient(settings);
    this.s3 = new S3Client(settings);
    this.sqs = new SQSClient(settings);
  }

  /** The LocalStack that test files share. */
  static async shared(account = sharedLocalStack): Promise<Cloud> {
    return new Cloud(await account());
  }

  /** A function whose handler is the export `handler` of the given ES module. */
  async deploy(code: string, settings: Partial<CreateFunctionCommandInput> = {}): Promise<string> {
    const FunctionName = uniqueName();
    await this.lambda.send(
      new CreateFunctionCommand({
        FunctionName,
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: 'arn:aws:iam::000000000000:role/test',
        Code: { ZipFile: zip({ 'index.mjs': code }) },
        Timeout: 30,
        ...settings,
      }),
    );
    const patience = { client: this.lambda, minDelay: 0.1, maxDelay: 0.1, maxWaitTime: 30 };
    await waitUntilFunctionActiveV2(patience, { FunctionName });
    return FunctionName;
  }

  async invoke(FunctionName: string, event: unknown = {}): Promise<Outcome> {
    const Payload = JSON.stringify(event);
    const answer = await this.lambda.send(
      new InvokeCommand({ FunctionName, Payload, LogType: 'Tail' }),
    );
    return {
      payload: JSON.parse(answer.Payload?.transformToString() ?? 'null'),
      failed: answer.FunctionError !== undefined,
      log: Buffer.from(answer.LogResult ?? '', 'base64').toString(),
    };
  }

  async createQueue(Attributes: Record<string, string> = {}): Promise<Queue> {
    const QueueName = uniqueName();
    const { QueueUrl } = await this.sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    const all = await this.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
    );
    return { url: QueueUrl ?? '', arn: all.Attributes?.QueueArn ?? '' };
  }

  async send(queue: Queue, bodies: readonly string[]): Promise<void> {
    for (const MessageBody of bodies) {
      await this.sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody }));
    }
  }

  /** Has the queue invoke the function from now on. */
  async map(
    queue: Queue,
    FunctionName: string,
    settings: Partial<CreateEventSourceMappingCommandInput>,
  ): Promise<void> {
    const { UUID } = await this.lambda.send(
      new CreateEventSourceMappingCommand({
        FunctionName,
        EventSourceArn: queue.arn,
        ...settings,
      }),
    );
    await vi.waitUntil(
      async () =>
        (await this.lambda.send(new GetEventSourceMappingCommand({ UUID }))).State === 'Enabled',
      { timeout: 20_000, interval: 50 },
    );
  }
}

export function uniqueName(): string {
  return `test-${randomUUID().slice(0, 8)}`;
}
