import type { Backend } from '../../backend/backend.ts';
import { takeValues } from '../../backend/gradient.ts';
import { normals, StreamTag, streamKey } from '../../numeric/random.ts';
import { networkLayout, networkOf } from '../../program/network.ts';
import type { Program } from '../../program/program.ts';
import { decodeParameters } from '../../wire/parameters.ts';
import { disposeAll, toVariables } from './variables.ts';

/** Images that are computed at once: bounds memory, whatever the count. */
const CHUNK = 512;

/**
 * Images of a trained generator: the sample grid's noise, from any seed.
 *
 * @param weights the generator's safetensors file
 * @param source what the weights are, for messages
 * @returns `count` images back to back, values 0 to 1
 */
export function generateImages(
  { tf }: Backend,
  program: Program,
  weights: Uint8Array,
  source: string,
  { count, seed }: { count: number; seed: number },
): Float32Array {
  const network = networkOf(program, program.generator);
  const block = decodeParameters(networkLayout(network), weights, source);
  const [height, width] = program.exampleShape;
  const stream = streamKey(seed, StreamTag.sampleGrid, 0);
  const images = new Float32Array(count * height * width);
  const parameters = toVariables(tf, network, block);
  for (let first = 0; first < count; first += CHUNK) {
    const size = Math.min(CHUNK, count - first);
    const chunk = tf.tidy(() => {
      const noise = tf.tensor2d(normals(stream, first, size, program.latent), [
        size,
        program.latent,
      ]);
      return program.generate(tf, parameters, noise);
    });
    images.set(takeValues(chunk), first * height * width);
  }
  disposeAll(parameters);
  return images;
}
