import type { Backend } from '../../backend/backend.ts';
import { networkLayout, networkOf } from '../../program/network.ts';
import type { Program } from '../../program/program.ts';
import { decodeParameters } from '../../wire/parameters.ts';
import { type Drawing, drawImages } from './draw-images.ts';
import { disposeAll, toVariables } from './variables.ts';

/**
 * Images of a trained generator.
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
  drawing: Drawing,
): Float32Array {
  const network = networkOf(program, program.generator);
  const block = decodeParameters(networkLayout(network), weights, source);
  const generator = toVariables(tf, network, block);
  try {
    return drawImages(tf, program, generator, drawing);
  } finally {
    disposeAll(generator);
  }
}
