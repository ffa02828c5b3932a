import { bundleProgram } from '../bundle/bundle-program.ts';
import {
  builtInProgramsOnly,
  type ProgramLibrary,
  programsWith,
} from '../run/programs/program-library.ts';
import { storeBundle } from '../run/programs/store-bundle.ts';
import type { Store } from '../store/store.ts';
import type { CliSettings, StartSettings } from './train-settings.ts';

/** The settings of a run whose program is known. */
export interface ChosenProgram {
  readonly settings: StartSettings;
  readonly programs: ProgramLibrary;
  /** Store what workers and coordinators load. Built-in programs are there already. */
  store(store: Store): Promise<void>;
}

/**
 * Bundle the program file that settings name, if they name one.
 *
 * @throws UsageError or ProgramError that says what is wrong with it
 */
export async function chooseProgram({
  program: file,
  ...settings
}: CliSettings): Promise<ChosenProgram> {
  if (file === undefined)
    return { settings, programs: builtInProgramsOnly(), store: async () => {} };
  const bundle = await bundleProgram(file);
  const programs = programsWith(bundle);
  const { sha256 } = bundle;
  const { name } = await programs.file(sha256);
  return {
    settings: { ...settings, program: { name, sha256 } },
    programs,
    store: (store) => storeBundle(store, bundle),
  };
}
