import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CfnOutput, Stack, Stage } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { STACK_FORMAT, type StackOutputs } from '../lib/cloud/outputs.ts';
import { Alarms } from './alarms.ts';
import type { Bundle } from './bundle.ts';
import { Coordinator } from './coordinator.ts';
import { TrainerDashboard } from './dashboard.ts';
import { sharedEnvironment } from './function-environment.ts';
import { JobQueue } from './job-queue.ts';
import { TrainerMetrics } from './metrics.ts';
import type { NativeLibrary } from './native/library.ts';
import { queuePrefix } from './queue-prefix.ts';
import { ReplyQueues } from './reply-queues.ts';
import { ResidentFleet } from './resident-fleet.ts';
import { RunJobQueues } from './run-job-queues.ts';
import type { Settings } from './settings.ts';
import type { Target, WorkerPlan } from './target.ts';
import type { TrainerFunction } from './trainer-function.ts';
import type { TrainerResources } from './trainer-resources.ts';
import { TrainingBucket } from './training-bucket.ts';
import { Watchdog } from './watchdog.ts';
import { WorkerFleet } from './worker-fleet.ts';
import { workerRuntime } from './worker-runtime.ts';

/** What a stack is made from. */
export interface TrainerStackProps {
  readonly settings: Settings;
  readonly target: Target;
  readonly plan: WorkerPlan;
  readonly bundle: Bundle;
  /** Where the workers unpack it. */
  readonly library?: NativeLibrary;
}

/** The whole stack: store, queues, workers, coordinator, watchdog, alarms and dashboard. */
export class TrainerStack extends Stack {
  constructor(scope: Construct, props: TrainerStackProps) {
    const { settings, target, plan, bundle, library } = props;
    super(scope, settings.stackName, {
      description: 'Lambduel: trains generative adversarial networks on Lambda',
    });
    const { stackName } = this;
    const prefix = queuePrefix(stackName);
    const bucket = new TrainingBucket(this, 'Store', settings);
    const jobs = new JobQueue(this, 'Jobs', settings);
    const replies = new ReplyQueues(this, 'Replies', prefix);
    const runJobs = new RunJobQueues(this, 'RunJobs', prefix);
    const environment = sharedEnvironment({
      stackName,
      bucket: bucket.bucket.bucketName,
      queuePrefix: prefix,
      jobQueueUrl: jobs.queue.queueUrl,
      plan,
      workerMemory: settings.workerMemory,
      threads: settings.threads,
      jobRetrySeconds: settings.jobRetrySeconds,
      ownPrograms: settings.ownPrograms,
      local: target.local,
    });
    // `cdk destroy` and `cdk bootstrap` run this too, and need no code.
    const needed: Bundle = this.bundlingRequired ? bundle : () => emptyFolder(this);
    const worker = workerRuntime({ settings, plan, environment, bundle: needed, library });
    const resources: TrainerResources = {
      ...{ settings, bucket, jobs, replies, runJobs, environment, worker },
      bundle: needed,
    };
    const fleet = new WorkerFleet(this, 'Workers', resources);
    const { worker: resident } = new ResidentFleet(this, 'Residents', resources);
    const { coordinator } = new Coordinator(this, 'Coordination', resources, resident);
    const { watchdog } = new Watchdog(this, 'Supervision', resources, coordinator);

    const metrics = new TrainerMetrics(stackName);
    const functions = { coordinator, worker: fleet.worker, resident, watchdog };
    const email = settings.alarmEmail;
    const alarms = new Alarms(this, 'Alarms', { ...functions, jobs, metrics, email });
    new TrainerDashboard(this, 'Dashboard', { ...functions, jobs, metrics, alarms: alarms.all });

    this.#tellCommandLine({
      LambduelStack: STACK_FORMAT,
      BucketName: bucket.bucket.bucketName,
      JobQueueUrl: jobs.queue.queueUrl,
      DeadLetterQueueUrl: jobs.deadLetters.queueUrl,
      QueuePrefix: prefix,
      WorkerBackend: plan.backend,
      WorkerPackaging: plan.packaging,
      WorkerMemory: `${settings.workerMemory}`,
      WorkerTimeout: `${settings.workerTimeout}`,
      OwnPrograms: `${settings.ownPrograms}`,
      CoordinatorFunctionName: coordinator.function.functionName,
      CoordinatorLogGroup: logGroupOf(coordinator, target),
      WorkerLogGroup: logGroupOf(fleet.worker, target),
      WatchdogLogGroup: logGroupOf(watchdog, target),
      ResidentWorkerFunctionName: resident.function.functionName,
      ResidentWorkerLogGroup: logGroupOf(resident, target),
    });
  }

  #tellCommandLine(outputs: Readonly<Record<keyof StackOutputs, string>>): void {
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}

/** Replaces the code of a function where none is needed. */
function emptyFolder(stack: Stack): string {
  const folder = join(Stage.of(stack)?.outdir ?? '', 'no-code');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** LocalStack always writes to a log group that is named after the function. */
function logGroupOf({ function: { functionName }, logGroup }: TrainerFunction, { local }: Target) {
  return local ? `/aws/lambda/${functionName}` : logGroup.logGroupName;
}
