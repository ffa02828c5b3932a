import type { Backend } from '../../backend/backend.ts';
import { networkLayout, networkOf } from '../../program/network.ts';
import type { Parameters, Program, Tfjs } from '../../program/program.ts';
import { floatsOf } from '../../wire/floats.ts';
import type { RawTensor } from '../../wire/safetensors.ts';
import { type Drawing, drawImages, standingStatistics } from './draw-images.ts';
import { disposeAll, toVariables } from './variables.ts';

/** A generator that has been trained. */
export interface TrainedGenerator {
  readonly program: Program;
  /** The generator network's parameters, in its layout. */
  readonly parameters: Float32Array;
  /** Its standing statistics; undefined: they are computed. */
  readonly statistics?: readonly RawTensor[] | undefined;
  /** Seed of the run that trained it: of the noise that standing statistics are computed of. */
  readonly seed: number;
}

/**
 * Images of a trained generator. Leaves no tensor behind.
 *
 * @returns `count` images back to back, values 0 to 1
 */
export function generateImages(
  { tf }: Backend,
  trained: TrainedGenerator,
  drawing: Omit<Drawing, 'statistics'>,
): Float32Array {
  return withGenerator(tf, trained, (generator, statistics) =>
    drawImages(tf, trained.program, generator, { ...drawing, statistics }),
  );
}

/**
 * Use a generator's tensors, which are disposed of afterwards.
 *
 * @param use gets its weights by their short names, and its standing statistics
 */
export function withGenerator<T>(
  tf: Tfjs,
  { program, parameters, statistics, seed }: TrainedGenerator,
  use: (generator: Parameters, statistics: Parameters) => T,
): T {
  const generator = toVariables(tf, networkOf(program, program.generator), parameters);
  const standing = statistics
    ? toTensors(tf, statistics)
    : standingStatistics(tf, program, generator, seed);
  try {
    return use(generator, standing);
  } finally {
    disposeAll(generator);
    disposeAll(standing);
  }
}

/** How the parameters of a program's generator lie in their block. */
export function generatorLayout(program: Program) {
  return networkLayout(networkOf(program, program.generator));
}

function toTensors(tf: Tfjs, tensors: readonly RawTensor[]): Parameters {
  return Object.fromEntries(
    tensors.map(({ name, shape, data }) => [name, tf.tensor(floatsOf(data), [...shape])]),
  );
}
