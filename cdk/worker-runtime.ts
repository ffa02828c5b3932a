import { Code } from 'aws-cdk-lib/aws-lambda';
import type { EnvironmentVariables } from './function-environment.ts';
import type { Settings } from './settings.ts';
import type { WorkerPlan } from './target.ts';
import type { TrainerFunctionProps } from './trainer-function.ts';
import type { Bundle } from './trainer-resources.ts';
import { stageWorkerImage, workerImageCode } from './worker-image.ts';

/** Code and settings that all functions of a stack have that do jobs. */
export type WorkerRuntime = Pick<
  TrainerFunctionProps,
  'memory' | 'storage' | 'environment' | 'logRetentionDays'
> & {
  /** The code, and which of its modules has the handler. */
  readonly runs: (module: string) => Pick<TrainerFunctionProps, 'code' | 'module'>;
  /** What it computes with, and how it is packed. */
  readonly plan: WorkerPlan;
};

/** What a {@link WorkerRuntime} follows from. */
export interface WorkerRuntimeProps {
  readonly settings: Settings;
  readonly plan: WorkerPlan;
  readonly environment: EnvironmentVariables;
  readonly bundle: Bundle;
}

/** Make the workers' code, once a stack, with what a function needs to run it. */
export function workerRuntime({
  settings,
  plan,
  environment,
  bundle,
}: WorkerRuntimeProps): WorkerRuntime {
  const folder = bundle('worker');
  const image = plan.packaging === 'image' ? stageWorkerImage(folder) : undefined;
  return {
    plan,
    runs: (module) =>
      image ? { code: workerImageCode(image, module) } : { code: Code.fromAsset(folder), module },
    memory: settings.workerMemory,
    environment,
    logRetentionDays: settings.logRetentionDays,
  };
}
