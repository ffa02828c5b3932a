import { type FunctionEnvironment, METRICS_NAMESPACE } from '../lib/cloud/environment.ts';
import type { WorkerPlan } from './target.ts';

/** Environment variables as text. */
export type EnvironmentVariables = Readonly<
  Partial<Record<keyof FunctionEnvironment, string>> & { LAMBDUEL_STACK: string }
>;

/** What the environment of all functions of a stack follows from. */
export interface SharedEnvironment {
  readonly stackName: string;
  readonly bucket: string;
  readonly queuePrefix: string;
  readonly jobQueueUrl: string;
  readonly plan: WorkerPlan;
  readonly workerMemory: number;
  readonly threads: number;
  readonly jobRetrySeconds: number;
  readonly ownPrograms: boolean;
  /** On LocalStack, where a queue can be used as soon as it is made. */
  readonly local: boolean;
}

/** The variables that all functions of a stack have. */
export function sharedEnvironment(shared: SharedEnvironment): EnvironmentVariables {
  return {
    LAMBDUEL_STACK: shared.stackName,
    LAMBDUEL_BUCKET: shared.bucket,
    LAMBDUEL_QUEUE_PREFIX: shared.queuePrefix,
    LAMBDUEL_JOB_QUEUE_URL: shared.jobQueueUrl,
    LAMBDUEL_WORKER_BACKEND: shared.plan.backend,
    LAMBDUEL_WORKER_PACKAGING: shared.plan.packaging,
    LAMBDUEL_WORKER_MEMORY_MB: `${shared.workerMemory}`,
    LAMBDUEL_WORKER_THREADS: `${shared.threads}`,
    LAMBDUEL_JOB_RETRY_MS: `${1000 * shared.jobRetrySeconds}`,
    LAMBDUEL_METRICS_NAMESPACE: METRICS_NAMESPACE,
    ...(shared.ownPrograms ? { LAMBDUEL_OWN_PROGRAMS: 'true' } : {}),
    ...(shared.local ? { LAMBDUEL_QUEUE_SETTLE_MS: '0' } : {}),
  };
}
