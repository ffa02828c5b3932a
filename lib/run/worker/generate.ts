import type { Backend } from '../../backend/backend.ts';
import { tensorView } from '../../numeric/parameter-block.ts';
import { networkLayout, networkOf } from '../../program/network.ts';
import type { Program } from '../../program/program.ts';
import { decodeParameters } from '../../wire/parameters.ts';
import { type Drawing, drawImages } from './draw-images.ts';

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
  const layout = networkLayout(network);
  const block = decodeParameters(layout, weights, source);
  const generator = Object.fromEntries(
    layout.tensors.map((place, i) => [
      network.tensors[i]?.name ?? place.name,
      tf.tensor(tensorView(block, place), [...place.shape]),
    ]),
  );
  try {
    return drawImages(tf, program, generator, drawing);
  } finally {
    for (const tensor of Object.values(generator)) tensor.dispose();
  }
}
