import { readLogEvents } from '../aws/logs.ts';
import { SqsQueueService } from '../queue/sqs.ts';
import { createSqsClient } from '../queue/sqs-client.ts';
import { S3Store } from '../store/s3.ts';
import { createS3Client } from '../store/s3-client.ts';
import { resumeOnAws, trainOnAws } from './aws-runs.ts';
import { findStack, type LambduelStack } from './aws-stack.ts';
import type { CliContext } from './context.ts';
import type { LogLine, LogSource } from './log-source.ts';
import type { DeadLetterBox, SessionRequest, Target } from './target.ts';
import type { CliSettings, StartSettings } from './train-settings.ts';

/** A stack on AWS. @param name its name, if there are several */
export async function openAwsTarget(name: string | undefined): Promise<AwsTarget> {
  return new AwsTarget(await findStack(name), name === undefined ? '' : ` --stack ${name}`);
}

/** Runs that are stored in a stack's bucket and trained by its functions. */
export class AwsTarget implements Target {
  readonly store: S3Store;
  readonly stack: LambduelStack;
  readonly options: string;
  readonly logs: LogSource;
  readonly deadLetters: DeadLetterBox;
  readonly explanations: Target['explanations'];

  constructor(stack: LambduelStack, stackOption: string) {
    this.stack = stack;
    this.store = new S3Store(createS3Client(), stack.outputs.BucketName);
    this.options = ` --target aws${stackOption}`;
    this.logs = { read: (terms, from) => this.#readLogs(terms, from) };
    this.deadLetters = openQueues(stack);
    this.explanations = {
      waiting: ': a coordinator is about to take it up',
      interrupted: ': its coordinator is gone; the watchdog takes it up within about two minutes',
      stopped: `: continue it with \`lambduel resume\``,
      failed:
        ': see the error below and `lambduel logs`; `lambduel resume` tries again from the checkpoint',
    };
  }

  get ownPrograms(): boolean {
    return this.stack.outputs.OwnPrograms === 'true';
  }

  get name(): string {
    return `the stack ${this.stack.name} in ${this.stack.region}`;
  }

  locate(key: string): string {
    return `s3://${this.store.bucket}/${key}`;
  }

  pageFile(name: string): string {
    return `${name}.html`;
  }

  train(context: CliContext, settings: StartSettings, request: SessionRequest): Promise<void> {
    return trainOnAws(context, this, settings, request);
  }

  resume(context: CliContext, settings: CliSettings, request: SessionRequest): Promise<void> {
    return resumeOnAws(context, this, settings, request);
  }

  async #readLogs(terms: readonly string[], from: number): Promise<LogLine[]> {
    const { CoordinatorLogGroup, WorkerLogGroup, WatchdogLogGroup, ResidentWorkerLogGroup } =
      this.stack.outputs;
    const groups = {
      coordinator: CoordinatorLogGroup,
      worker: WorkerLogGroup,
      watchdog: WatchdogLogGroup,
      ...(ResidentWorkerLogGroup && { resident: ResidentWorkerLogGroup }),
    };
    const read = Object.entries(groups).map(async ([source, group]) => {
      const events = await readLogEvents(group, terms, from);
      return events.map(({ time, message }) => ({ time, source, message }));
    });
    return (await Promise.all(read)).flat().sort((a, b) => a.time - b.time);
  }
}

function openQueues({ outputs }: LambduelStack): DeadLetterBox {
  const { QueuePrefix: prefix, DeadLetterQueueUrl: dead, JobQueueUrl: jobs } = outputs;
  const queues = new SqsQueueService(createSqsClient(), { prefix, known: { dead, jobs } });
  return { dead: queues.open('dead'), jobs: queues.open('jobs') };
}
