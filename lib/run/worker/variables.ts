import type { Tensor } from '@tensorflow/tfjs-core';
import { tensorView } from '../../numeric/parameter-block.ts';
import { networkLayout } from '../../program/network.ts';
import type { NetworkSpec, Parameters, Tfjs } from '../../program/program.ts';

/**
 * A network's parameters as variables, by short names such as `w1`. The caller disposes of them.
 *
 * @param block the network's parameters back to back
 */
export function toVariables(tf: Tfjs, network: NetworkSpec, block: Float32Array): Parameters {
  const { tensors } = networkLayout(network);
  return Object.fromEntries(
    tensors.map((place, i) => {
      const value = tf.tensor(tensorView(block, place), [...place.shape]);
      const variable = tf.variable(value) as Tensor;
      value.dispose();
      return [network.tensors[i]?.name ?? place.name, variable];
    }),
  );
}

/** Dispose of tensors, such as a network's variables. */
export function disposeAll(parameters: Parameters): void {
  for (const tensor of Object.values(parameters)) tensor.dispose();
}
