import type { DatasetForm, Program } from './program.ts';
import type { ProgramReference } from './program-reference.ts';

/** Where a run's program comes from: it is built in, or a program file that the store has. */
export interface ProgramSource {
  /** @throws LambduelError when there is no such program, or its settings are not valid */
  load(reference: ProgramReference): Promise<Program>;
  /**
   * The program of a new run, with its settings made to fit the dataset.
   *
   * @param dataset undefined: not known yet; the settings are checked by themselves
   * @throws UsageError when the program does not take these settings, or they do not fit the dataset
   */
  adapt(
    reference: ProgramReference,
    dataset: DatasetForm | undefined,
  ): Promise<ProgramReference> | ProgramReference;
  /** The bundle of a program file; undefined for a program that is built in. */
  bundleOf(reference: ProgramReference): Promise<Uint8Array | undefined>;
}
