import { InvalidDataError } from '../errors.ts';
import type { ProgramRegistry } from '../program/registry.ts';
import type { RunConfig } from '../run/record/config.ts';

/**
 * The phases of an iteration of a run's program, each of which uses one batch of examples.
 * Undefined: the program is not known here.
 */
export function phasesOf(
  programs: ProgramRegistry,
  { program, display }: Pick<RunConfig, 'program' | 'display'>,
): number | undefined {
  if (display) return display.phases;
  try {
    return programs.create(program).phases.length;
  } catch (error) {
    if (error instanceof InvalidDataError) return undefined;
    throw error;
  }
}
