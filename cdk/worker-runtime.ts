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
  'code' | 'memory' | 'storage' | 'environment' | 'logRetentionDays'
> & {
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
  return {
    plan,
    code:
      plan.packaging === 'image'
        ? workerImageCode(stageWorkerImage(folder))
        : Code.fromAsset(folder),
    memory: settings.workerMemory,
    environment,
    logRetentionDays: settings.logRetentionDays,
  };
}
