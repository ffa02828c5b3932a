import type { Tensor } from '@tensorflow/tfjs-core';
import { takeValues } from '../../backend/gradient.ts';
import { normals, StreamTag, streamKey } from '../../numeric/random.ts';
import { exampleValues } from '../../program/example-shape.ts';
import type { Parameters, Program, Tfjs } from '../../program/program.ts';
import { DRAWN_AT_ONCE } from '../working-sizes.ts';
import { oneHot } from './labels.ts';

/** How many examples of fixed noise a generator's standing statistics are computed from. */
const STANDING_EXAMPLES = 1024;

/** How many images, and of which noise. */
export interface Drawing {
  readonly count: number;
  /** Seed of the images' noise. */
  readonly seed: number;
  /** Which noise of that seed. Default: the sample grid's. */
  readonly tag?: StreamTag;
  /** Noise of one's own, `count` vectors back to back. Default: of `seed`. */
  readonly noise?: Float32Array | undefined;
  /** The class of all images. Default: each class in turn. */
  readonly label?: number | undefined;
  /** What the generator's normalizing layers use; see {@link standingStatistics}. */
  readonly statistics: Parameters;
}

/**
 * Images of a generator, from noise of any seed. A program that wants labels gets each class in
 * turn: image i is of class `i mod classes`. Leaves no tensor behind.
 *
 * @param generator the generator's tensors
 * @returns `count` images back to back, values 0 to 1
 */
export function drawImages(
  tf: Tfjs,
  program: Program,
  generator: Parameters,
  { count, seed, tag = StreamTag.sampleGrid, noise: own, label, statistics }: Drawing,
): Float32Array {
  const size = exampleValues(program.exampleShape);
  const images = new Float32Array(count * size);
  for (let first = 0; first < count; first += DRAWN_AT_ONCE) {
    const examples = Math.min(DRAWN_AT_ONCE, count - first);
    const chunk = tf.tidy(() => {
      const noise = own
        ? rowsOf(tf, program, own, first, examples)
        : noiseOf(tf, program, seed, tag, first, examples);
      const labels = classesOf(tf, program, first, examples, label);
      return program.generate(tf, generator, noise, { statistics, labels });
    });
    images.set(takeValues(chunk), first * size);
  }
  return images;
}

/**
 * What the generator's normalizing layers use when images are drawn: from weights and seed alone.
 *
 * @param seed the seed of the run, not of the images
 * @returns tensors that the caller disposes of; none if there are no such layers
 */
export function standingStatistics(
  tf: Tfjs,
  program: Program,
  generator: Parameters,
  seed: number,
): Record<string, Tensor> {
  if (!program.standingStatistics) return {};
  return tf.tidy(() => {
    const noise = noiseOf(tf, program, seed, StreamTag.standingStatistics, 0, STANDING_EXAMPLES);
    const labels = classesOf(tf, program, 0, STANDING_EXAMPLES);
    return { ...program.standingStatistics?.(tf, generator, noise, { labels }) };
  });
}

function rowsOf(
  tf: Tfjs,
  { latent }: Program,
  noise: Float32Array,
  first: number,
  examples: number,
) {
  const rows = noise.slice(first * latent, (first + examples) * latent);
  return tf.tensor2d(rows, [examples, latent]);
}

/** Rows of noise, numbered from `first`. */
export function noiseOf(
  tf: Tfjs,
  { latent }: Program,
  seed: number,
  tag: StreamTag,
  first: number,
  examples: number,
) {
  const values = normals(streamKey(seed, tag, 0), first, examples, latent);
  return tf.tensor2d(values, [examples, latent]);
}

/**
 * One-hot labels of a program that wants them.
 *
 * @param label of all of them; default: each class in turn
 */
export function classesOf(
  tf: Tfjs,
  { wantsLabels }: Program,
  first: number,
  examples: number,
  label?: number,
) {
  if (!wantsLabels) return undefined;
  const { classes } = wantsLabels;
  const labels = Uint32Array.from({ length: examples }, (_, i) => label ?? (first + i) % classes);
  return oneHot(tf, labels, classes);
}
