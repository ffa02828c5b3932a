import { setTimeout as sleep } from 'node:timers/promises';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { GetQueueAttributesCommand, ListQueuesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { StackOutputs } from '../lib/cloud/outputs.ts';
import { SqsQueueService } from '../lib/queue/sqs.ts';
import { createSqsClient } from '../lib/queue/sqs-client.ts';
import { type Head, readHead } from '../lib/run/record/head.ts';
import { S3Store } from '../lib/store/s3.ts';
import { createS3Client } from '../lib/store/s3-client.ts';
import type { DeployedStack } from '../localstack/deployed-stack.ts';

const LONG_MS = 280_000;
const POLL_MS = 200;

/** What a test sees of a deployed stack, and does with it. */
export class StackUser {
  readonly outputs: StackOutputs;
  readonly store: S3Store;
  readonly queues: SqsQueueService;
  readonly sqs: SQSClient;
  readonly lambda: LambdaClient;

  constructor({ outputs, localStack: { endpoint, env } }: DeployedStack) {
    const credentials = {
      accessKeyId: env.AWS_ACCESS_KEY_ID,
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
    };
    const settings = { endpoint, region: env.AWS_REGION, credentials };
    this.outputs = outputs;
    this.store = new S3Store(
      createS3Client({ ...settings, forcePathStyle: true }),
      outputs.BucketName,
    );
    this.sqs = createSqsClient(settings);
    this.queues = new SqsQueueService(this.sqs, { prefix: outputs.QueuePrefix, settleMs: 0 });
    this.lambda = new LambdaClient(settings);
  }

  async head(runId: string): Promise<Head> {
    return (await readHead(this.store, runId)).head;
  }

  /** Wait until a run's head is as wanted; a run that fails meanwhile is an error. */
  async untilHead(runId: string, wanted: (head: Head) => boolean): Promise<Head> {
    return until(async () => {
      const head = await this.head(runId);
      if (head.status === 'failed' && !wanted(head)) throw new Error(head.error?.message);
      return wanted(head) ? head : undefined;
    }, `run ${runId}`);
  }

  async untilFinished(runId: string): Promise<Head> {
    return this.untilHead(runId, ({ status }) => status === 'finished');
  }

  /** The networks' files of a run's last checkpoint. */
  async finalWeights(runId: string): Promise<Record<'D' | 'G', Buffer>> {
    const { checkpoint } = await this.head(runId);
    const prefix = `runs/${runId}/checkpoints/${checkpoint?.iteration}-e${checkpoint?.epoch}/`;
    const file = async (network: string) =>
      Buffer.from((await this.store.get(`${prefix}${network}.safetensors`)).bytes);
    return { D: await file('D'), G: await file('G') };
  }

  /** Messages of a queue, those included that someone has received but not deleted. */
  async messagesIn(QueueUrl: string): Promise<number> {
    const { Attributes = {} } = await this.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    const { ApproximateNumberOfMessages: visible = 0 } = Attributes;
    const { ApproximateNumberOfMessagesNotVisible: hidden = 0 } = Attributes;
    return Number(visible) + Number(hidden);
  }

  /** The stack's own two queues once more are all that there is, and both are empty. */
  async untilQuiet(): Promise<void> {
    const { JobQueueUrl, DeadLetterQueueUrl } = this.outputs;
    await until(async () => {
      const { QueueUrls = [] } = await this.sqs.send(new ListQueuesCommand({}));
      if (QueueUrls.sort().join() !== [JobQueueUrl, DeadLetterQueueUrl].sort().join()) return;
      return (await this.messagesIn(JobQueueUrl)) === 0 || undefined;
    }, 'the queues to be as before the run');
    const dead = await this.messagesIn(DeadLetterQueueUrl);
    if (dead > 0) throw new Error(`There are ${dead} dead letters`);
  }
}

/** Wait until there is something, however slow the machine is. */
export async function until<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  const deadline = performance.now() + LONG_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await sleep(POLL_MS);
  }
}
