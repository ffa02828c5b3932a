import type { Tensor } from '@tensorflow/tfjs-core';
import { exampleValues } from '../../program/example-shape.ts';
import type { PhaseLoss, PhaseSpec, Program } from '../../program/program.ts';
import { ProgramError } from '../errors.ts';

/** Calls a person's code, and makes its errors tell where in the person's file they are from. */
export type Guard = <T>(what: string, call: () => T) => T;

/** A person's program, whose functions say what is wrong with them in a sentence. */
export function guardProgram(program: Program, guard: Guard): Program {
  const { standingStatistics, generate, exampleShape } = program;
  // A phase that comes again is the same object afterwards too: it is compiled once.
  const guarded = new Map(
    program.phases.map((phase) => [phase, guardPhase(phase, guard)] as const),
  );
  return {
    ...program,
    phases: program.phases.map((phase) => guarded.get(phase) ?? phase),
    ...(standingStatistics && {
      standingStatistics: (...given) =>
        guard('standingStatistics', () => standingStatistics(...given)),
    }),
    generate: (...given) => {
      const images = guard('generate', () => generate(...given));
      const [, , noise] = given;
      return requireShape(images, [noise.shape[0], exampleValues(exampleShape)], 'generate');
    },
  };
}

function guardPhase(phase: PhaseSpec, guard: Guard): PhaseSpec {
  const what = `the loss of phase ${phase.name}`;
  const loss: PhaseSpec['loss'] = (...given) => {
    const result: PhaseLoss | undefined = guard(what, () => phase.loss(...given));
    requireShape(result?.loss, [], what, ': take its mean with tf.mean');
    const { statistics } = phase;
    const told: unknown = result?.statistics;
    if (!Array.isArray(told) || told.length !== statistics.length) {
      throw new ProgramError(
        `${capital(what)} must return ${statistics.length} statistics, as the phase declares`,
      );
    }
    for (const [i, { name }] of statistics.entries()) {
      requireShape(told[i], [], `statistic ${name} of ${what}`);
    }
    return result as PhaseLoss;
  };
  return { ...phase, loss };
}

function requireShape<T extends Tensor>(
  tensor: T | undefined,
  shape: readonly number[],
  what: string,
  remedy = '',
): T {
  const wanted = shape.length === 0 ? 'a single number (a scalar)' : `of shape [${shape}]`;
  const given: unknown = tensor?.shape;
  if (!tensor || !Array.isArray(given)) {
    throw new ProgramError(`${capital(what)} must be a tensor, ${wanted}, but there is none`);
  }
  if (given.join() === shape.join()) return tensor;
  throw new ProgramError(`${capital(what)} must be ${wanted}, but is of shape [${given}]${remedy}`);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
