import type { Bundle } from './bundle.ts';
import type { EnvironmentVariables } from './function-environment.ts';
import type { JobQueue } from './job-queue.ts';
import type { ReplyQueues } from './reply-queues.ts';
import type { RunJobQueues } from './run-job-queues.ts';
import type { Settings } from './settings.ts';
import type { TrainingBucket } from './training-bucket.ts';
import type { WorkerRuntime } from './worker-runtime.ts';

/** What the functions of a stack are made from. */
export interface TrainerResources {
  readonly settings: Settings;
  readonly bucket: TrainingBucket;
  readonly jobs: JobQueue;
  readonly replies: ReplyQueues;
  readonly runJobs: RunJobQueues;
  readonly environment: EnvironmentVariables;
  readonly bundle: Bundle;
  /** What every function that does jobs runs, however it gets them. */
  readonly worker: WorkerRuntime;
}
