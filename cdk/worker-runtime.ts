import { Code } from 'aws-cdk-lib/aws-lambda';
import { UsageError } from '../lib/errors.ts';
import type { Bundle } from './bundle.ts';
import type { EnvironmentVariables } from './function-environment.ts';
import type { NativeLibrary } from './native/library.ts';
import type { Settings } from './settings.ts';
import { unpacksLibrary, type WorkerPlan } from './target.ts';
import type { TrainerFunctionProps } from './trainer-function.ts';
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
  readonly library: NativeLibrary | undefined;
}

/** MB of `/tmp` that jobs need beside the library, such as for compiled gradients. */
const JOBS_MB = 64;

/** Make the workers' code, once a stack, with what a function needs to run it. @throws UsageError */
export function workerRuntime({
  settings,
  plan,
  environment,
  bundle,
  library,
}: WorkerRuntimeProps): WorkerRuntime {
  const folder = bundle('worker');
  if (library) {
    assertRoom(settings, library);
    library.addTo(folder);
  }
  const image = plan.packaging === 'image' ? stageWorkerImage(folder) : undefined;
  return {
    plan,
    runs: (module) =>
      image ? { code: workerImageCode(image, module) } : { code: Code.fromAsset(folder), module },
    memory: settings.workerMemory,
    ...(unpacksLibrary(plan) ? { storage: settings.workerStorage } : {}),
    environment,
    logRetentionDays: settings.logRetentionDays,
  };
}

/** @throws UsageError when the workers' storage is too small for the library, with the numbers */
function assertRoom({ workerStorage }: Settings, { unpackedBytes }: NativeLibrary): void {
  const libraryMb = Math.ceil(unpackedBytes / 2 ** 20);
  if (libraryMb + JOBS_MB <= workerStorage) return;
  throw new UsageError(
    `The context is not valid: workerStorage ${workerStorage}: must be at least ${libraryMb + JOBS_MB}`,
    { hint: `The native library takes ${libraryMb} MB unpacked, and jobs need ${JOBS_MB} MB.` },
  );
}
