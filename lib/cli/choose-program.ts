import { bundleProgram } from '../bundle/bundle-program.ts';
import { resolveDataset } from '../data/resolve.ts';
import {
  builtInProgramsOnly,
  ownProgramsRefused,
  type ProgramLibrary,
  programsWith,
} from '../run/programs/program-library.ts';
import { storeBundle } from '../run/programs/store-bundle.ts';
import { datasetName } from '../run/record/settings.ts';
import { checkBundle } from './check-program.ts';
import type { CliContext } from './context.ts';
import { requireNoProblems } from './program-check.ts';
import type { Target } from './target.ts';
import type { CliSettings, StartSettings } from './train-settings.ts';

/** The settings of a run whose program is known. */
export interface ChosenProgram {
  readonly settings: StartSettings;
  readonly programs: ProgramLibrary;
  /** Store what workers and coordinators load. Built-in programs are there already. */
  store(target: Pick<Target, 'store' | 'ownPrograms'>): Promise<void>;
}

/**
 * The program that settings ask for. A program file is bundled, and tried on the dataset's form, before
 * any of its code runs in this process.
 *
 * @param open opens the target, which knows the dataset
 * @throws what is wrong with it, before anything is written
 */
export async function chooseProgram(
  { env }: CliContext,
  { program: file, ...settings }: Omit<CliSettings, 'initFrom'>,
  open: () => Promise<Target>,
): Promise<ChosenProgram> {
  if (file === undefined) {
    return { settings, programs: builtInProgramsOnly(), store: async () => {} };
  }
  const bundle = await bundleProgram(file);
  const target = await open();
  if (!target.ownPrograms) throw ownProgramsRefused();
  const { form } = await resolveDataset(target.store, datasetName(settings));
  const report = await checkBundle(env, bundle, settings, form);
  requireNoProblems(report);
  const { sha256 } = bundle;
  const reference = { name: report.name, sha256 };
  return {
    settings: { ...settings, program: reference },
    programs: programsWith(bundle),
    store: ({ store }) => storeBundle(store, bundle),
  };
}
