import {
  layOut,
  type ParameterLayout,
  type TensorPlace,
  tensorView,
} from '../numeric/parameter-block.ts';
import { normals, StreamTag, streamKey } from '../numeric/random.ts';
import type { NetworkSpec, Program } from './program.ts';

/** How a network's tensors lie in its parameter block, under stored names such as `D.w1`. */
export function networkLayout({ name, tensors }: NetworkSpec): ParameterLayout {
  return layOut(tensors.map((tensor) => ({ name: `${name}.${tensor.name}`, shape: tensor.shape })));
}

/** How the tensors of all networks lie in one block, in the program's order. */
export function programLayout({ networks }: Pick<Program, 'networks'>): ParameterLayout {
  return layOut(networks.flatMap((network) => networkLayout(network).tensors));
}

/** The network of a program with this name. */
export function networkOf(program: Program, name: string): NetworkSpec {
  const network = program.networks.find((candidate) => candidate.name === name);
  if (!network) throw new Error(`The program has no network ${name}`);
  return network;
}

/**
 * A network's parameters at the start of a run, from the seed alone. All tensors of the program are
 * numbered in its order, also those of zeros or ones: for `mlp-gan` D's are 0 to 3 and G's 4 to 7.
 */
export function initialParameters(program: Program, network: string, seed: number): Float32Array {
  const index = program.networks.findIndex(({ name }) => name === network);
  const spec = networkOf(program, network);
  const layout = networkLayout(spec);
  const block = new Float32Array(layout.size);
  let number = program.networks
    .slice(0, index)
    .reduce((count, { tensors }) => count + tensors.length, 0);
  spec.tensors.forEach(({ initial }, i) => {
    const place = layout.tensors[i] as TensorPlace;
    const stream = streamKey(seed, StreamTag.initialWeights, number++);
    if (initial.kind === 'ones') tensorView(block, place).fill(1);
    if (initial.kind === 'normal') {
      tensorView(block, place).set(normals(stream, 0, 1, place.size, initial.deviation));
    }
  });
  return block;
}
