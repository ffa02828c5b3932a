import { chooseBackend } from '../backend/choose.ts';
import type { ProgramBundle } from '../bundle/bundle-program.ts';
import { type CheckReport, checkProgramApart } from '../local/program-check.ts';
import type { DatasetForm } from '../program/program.ts';
import { resolveGradients } from '../run/record/settings.ts';
import { timeSetting } from './time-setting.ts';
import type { CliSettings } from './train-settings.ts';

/** The settings of a run that a check depends on. */
export type CheckedSettings = Pick<
  CliSettings,
  'set' | 'batch' | 'shards' | 'seed' | 'backend' | 'threads' | 'gradients'
>;

/**
 * Try a bundled program file on this machine, in a process of its own.
 *
 * @param dataset undefined: the program's own settings are tried
 * @throws CheckFailedError, UsageError when it cannot be tried to its end
 */
export function checkBundle(
  env: Readonly<Record<string, string | undefined>>,
  { bytes, sha256 }: ProgramBundle,
  { set = {}, batch, shards, seed = 0, backend = 'auto', threads = 1, gradients }: CheckedSettings,
  dataset: DatasetForm | undefined,
): Promise<CheckReport> {
  const chosen = chooseBackend(backend);
  const request = {
    ...{ bytes, sha256, settings: set, seed, threads },
    ...(dataset && {
      dataset: { name: dataset.name, shape: dataset.shape, ...classesOf(dataset) },
    }),
    ...(batch === undefined ? {} : { batch }),
    ...(shards === undefined ? {} : { shards }),
    backend: chosen,
    gradients: resolveGradients(gradients, chosen),
  };
  return checkProgramApart(request, timeSetting(env, 'LAMBDUEL_CHECK_MS'));
}

function classesOf({ classes }: DatasetForm): { classes?: number } {
  return classes === undefined ? {} : { classes };
}
