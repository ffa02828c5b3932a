import { type ShardGradient, shardGradient } from '../../lib/backend/gradient.ts';
import { normals, StreamTag, streamKey, uniforms } from '../../lib/numeric/random.ts';
import { mlpGan } from '../../lib/program/mlp-gan.ts';
import { networkLayout, networkOf } from '../../lib/program/network.ts';
import type {
  NetworkParameters,
  PhaseInputs,
  PhaseSpec,
  Program,
  Tfjs,
} from '../../lib/program/program.ts';
import type { Batch, Weights } from './reference-gan.ts';

const EXAMPLES = 3;

/** A GAN with weights and a batch at which nothing is zero or symmetric, and no unit is saturated. */
export interface Gan {
  readonly program: Program;
  readonly batch: Batch;
  /** Parameter blocks by network, as float32. */
  readonly blocks: Readonly<Record<string, Float32Array>>;
}

/** @param outputScale see `MlpGanSettings` */
export function makeGan(outputScale: number, examples = EXAMPLES, seed = 9): Gan {
  const program = mlpGan.create({ outputScale });
  const blocks = Object.fromEntries(
    program.networks.map((network, i) => {
      const { size } = networkLayout(network);
      return [
        network.name,
        normals(streamKey(seed, StreamTag.initialWeights, i), 0, 1, size, 0.03),
      ];
    }),
  );
  const noise = normals(streamKey(seed, StreamTag.noise, 0), 0, examples, program.latent);
  const pixels = uniforms(streamKey(seed, StreamTag.realExamples, 0), 0, examples, 784);
  const batch = {
    examples,
    noise: Float64Array.from(noise),
    real: Float64Array.from(pixels, Math.fround),
  };
  return { program, batch, blocks };
}

/** A network's tensors in float64, as views of one block that can be changed. */
export function weightsOf({ program }: Gan, network: string, block: Float64Array): Weights {
  const spec = networkOf(program, network);
  const { tensors } = networkLayout(spec);
  return Object.fromEntries(
    tensors.map(({ offset, size }, i) => [
      spec.tensors[i]?.name,
      block.subarray(offset, offset + size),
    ]),
  ) as unknown as Weights;
}

/** The networks as variables. To be disposed of by the caller. */
export function variablesOf(tf: Tfjs, { program, blocks }: Gan): NetworkParameters {
  return Object.fromEntries(
    program.networks.map((network) => {
      const { tensors } = networkLayout(network);
      const variables = tensors.map(({ shape, offset, size }, i) => {
        const values = blocks[network.name]?.subarray(offset, offset + size) ?? [];
        const value = tf.tensor(values, [...shape]);
        const variable = tf.variable(value);
        value.dispose();
        return [network.tensors[i]?.name ?? '', variable];
      });
      return [network.name, Object.fromEntries(variables)];
    }),
  );
}

/** The GAN's batch, as a phase takes it. To be disposed of by the caller. */
export function inputsOf(tf: Tfjs, gan: Gan, phase: PhaseSpec): PhaseInputs {
  const { noise, real, examples } = gan.batch;
  return {
    noise: tf.tensor2d(Float32Array.from(noise), [examples, 100]),
    real: phase.needsReal ? tf.tensor2d(Float32Array.from(real), [examples, 784]) : undefined,
  };
}

/** A phase's loss, statistics and gradient on the GAN's batch; all tensors are disposed of. */
export function gradientOf(tf: Tfjs, gan: Gan, phase: PhaseSpec): ShardGradient {
  const networks = variablesOf(tf, gan);
  const inputs = inputsOf(tf, gan, phase);
  try {
    return shardGradient(tf, phase, networks, inputs);
  } finally {
    tf.dispose([inputs.noise, ...(inputs.real ? [inputs.real] : [])]);
    for (const network of Object.values(networks)) tf.dispose(Object.values(network));
  }
}
