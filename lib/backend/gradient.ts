import type { Scalar, Tensor, Tensor1D, Variable } from '@tensorflow/tfjs-core';
import type { NetworkParameters, PhaseInputs, PhaseSpec, Tfjs } from '../program/program.ts';

/** A shard's mean loss, its statistics by name, and the gradient of the phase's network. */
export interface ShardGradient {
  readonly statistics: Readonly<Record<string, number>>;
  /** In the order of the network's tensors, back to back. */
  readonly gradient: Float32Array;
}

/**
 * The gradient of a phase's loss with respect to **its own network only**, whose tensors must be
 * variables. Leaves no tensor behind.
 */
export function shardGradient(
  tf: Tfjs,
  phase: PhaseSpec,
  networks: NetworkParameters,
  inputs: PhaseInputs,
): ShardGradient {
  const variables = Object.values(networks[phase.network] ?? {}) as Variable[];
  let statistics: Tensor1D | undefined;
  // Tensors leave the scope, not arrays: tidy looks for tensors in whatever leaves it, element by
  // element, which took 200 ms for a gradient.
  const gradient = tf.tidy(() => {
    const { grads } = tf.variableGrads(() => {
      const result = phase.loss(tf, networks, inputs);
      statistics = tf.keep(tf.stack([result.loss, ...result.statistics]) as Tensor1D);
      return result.loss as Scalar;
    }, variables);
    const parts = variables.map(({ name }) => tf.reshape(grads[name] as Tensor, [-1]));
    return tf.concat(parts as Tensor1D[]);
  });
  const values = takeValues(statistics as unknown as Tensor1D);
  const names = [phase.lossName, ...phase.statistics.map(({ name }) => name)];
  return {
    gradient: takeValues(gradient),
    statistics: Object.fromEntries(names.map((name, i) => [name, values[i] ?? Number.NaN])),
  };
}

/** A tensor's values; the tensor is disposed of. */
export function takeValues(tensor: Tensor): Float32Array {
  const values = tensor.dataSync() as Float32Array;
  tensor.dispose();
  return values;
}
