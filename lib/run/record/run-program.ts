import { metricsOf } from '../../program/metrics.ts';
import type { DatasetForm, Program } from '../../program/program.ts';
import type { ProgramLibrary } from '../programs/program-library.ts';
import { programReference, type ResolvedParts, type TrainSettings } from './settings.ts';

/** The program of a new run, and what a run's config says about it. */
export interface RunProgram {
  readonly program: Program;
  readonly parts: Pick<ResolvedParts, 'program' | 'training' | 'display'>;
}

/**
 * The program that settings ask for, made to fit the dataset.
 *
 * @param form undefined: the dataset is not known yet
 * @throws UsageError or ProgramError when there is none, or it does not take the settings
 */
export async function resolveProgram(
  programs: ProgramLibrary,
  settings: TrainSettings,
  form: DatasetForm | undefined,
): Promise<RunProgram> {
  const reference = await programs.adapt(programReference(settings), form);
  const program = await programs.load(reference);
  if (reference.sha256 === undefined) return { program, parts: { program: reference } };
  const { training } = await programs.file(reference.sha256);
  const display = { metrics: [...metricsOf(program)], phases: program.phases.length };
  return { program, parts: { program: reference, training, display } };
}
