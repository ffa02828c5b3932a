import type { Scalar, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { GradientTask } from '../../lib/backend/gradient-computer.ts';
import type { PhaseSpec, Tfjs } from '../../lib/program/program.ts';

/** The loss of one network `N` of a 3 by 2 matrix `w`. */
export type SmallLoss = (tf: Tfjs, output: Tensor2D, noise: Tensor2D) => Tensor;

/** A task of such a loss, on noise and weights of a seed. To be disposed of with {@link disposeTask}. */
export function smallTask(tf: Tfjs, loss: SmallLoss, seed: number, examples = 4): GradientTask {
  const phase: PhaseSpec = {
    name: 'N',
    network: 'N',
    needsReal: false,
    lossMetric: { name: 'cost', title: 'cost', reduction: 'mean' },
    statistics: [{ name: 'largest', title: 'largest', reduction: 'max' }],
    loss: (_tf, { N = {} }, { noise }) => {
      const output = tf.matMul<Tensor2D>(noise, N.w as Tensor2D);
      return { loss: tf.mean<Scalar>(loss(tf, output, noise)), statistics: [tf.max(output)] };
    },
  };
  return task(tf, phase, seed, examples, { w: [3, 2] });
}

/** A task of a small generator and a critic of convolutions, with activations and a normalisation. */
export function convolutionTask(tf: Tfjs, seed: number, examples = 8): GradientTask {
  const phase: PhaseSpec = {
    name: 'N',
    network: 'N',
    needsReal: false,
    lossMetric: { name: 'cost', title: 'cost', reduction: 'mean' },
    statistics: [],
    loss: (_tf, { N = {} }, { noise }) => {
      const start = tf.reshape(tf.matMul(noise, N.w as Tensor2D), [examples, 4, 4, 2]) as Tensor4D;
      const shape: [number, number, number, number] = [examples, 8, 8, 3];
      const image = tf.conv2dTranspose(tf.relu(start), N.up as Tensor4D, shape, 2, 'same');
      const { mean, variance } = tf.moments(image, [0, 1, 2], true);
      const normal = tf.mul(tf.sub(image, mean), tf.rsqrt(tf.add(variance, 1e-5)));
      const down = tf.add(
        tf.conv2d(normal as Tensor4D, N.down as Tensor4D, 2, 'same'),
        N.b as Tensor,
      );
      return { loss: tf.mean<Scalar>(tf.softplus(tf.leakyRelu(down, 0.2))), statistics: [] };
    },
  };
  return task(tf, phase, seed, examples, {
    w: [3, 32],
    up: [4, 4, 3, 2],
    down: [4, 4, 3, 4],
    b: [4],
  });
}

export function disposeTask(tf: Tfjs, { networks, inputs }: GradientTask): void {
  tf.dispose([Object.values(networks.N ?? {}), inputs.noise]);
}

function task(
  tf: Tfjs,
  phase: PhaseSpec,
  seed: number,
  examples: number,
  shapes: Readonly<Record<string, number[]>>,
): GradientTask {
  const parameters = Object.entries(shapes).map(([name, shape], i) => {
    const value = tf.randomNormal(shape, 0, 0.5, 'float32', 100 * seed + i);
    const variable = tf.variable(value);
    value.dispose();
    return [name, variable];
  });
  const noise = tf.randomNormal([examples, 3], 0, 1, 'float32', 100 * seed + 99) as Tensor2D;
  return {
    loss: 'a loss',
    phase,
    networks: { N: Object.fromEntries(parameters) },
    inputs: { noise, real: undefined },
  };
}
