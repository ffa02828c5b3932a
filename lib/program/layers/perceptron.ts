import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Parameters, TensorSpec, Tfjs } from '../program.ts';
import { dense } from './dense.ts';
import { leakyRelu } from './leaky-relu.ts';
import { normal, tensorOf, zeros } from './tensors.ts';

/** How the tensors of a perceptron are named, and begin. */
export interface PerceptronTensorsOptions {
  /** What their names begin with, such as `encoder_`, if a network has several. Default: nothing. */
  readonly prefix?: string;
  /**
   * Standard deviation of the weights of a layer with so many inputs. Default: `sqrt(2 / inputs)`. Source:
   * He et al., "Delving deep into rectifiers", 2015.
   */
  readonly deviation?: (inputs: number) => number;
}

/** How a perceptron computes. */
export interface PerceptronOptions {
  /** The prefix that its tensors were made with. Default: nothing. */
  readonly prefix?: string;
  /** Between the layers; none follows the last one. Default: `leakyRelu`. */
  readonly activation?: (hidden: Tensor2D) => Tensor2D;
}

/**
 * The tensors of a multi-layer perceptron: `w1`, `b1`, `w2`, `b2` and so on. Biases begin with zeros.
 *
 * @param widths of its input, of its hidden layers, and of its output
 * @param options prefix of the names, and deviation of the weights
 * @returns a weight and a bias for each layer
 */
export function perceptronTensors(
  widths: readonly number[],
  { prefix = '', deviation = (inputs) => Math.sqrt(2 / inputs) }: PerceptronTensorsOptions = {},
): TensorSpec[] {
  return widths.slice(1).flatMap((outputs, i) => {
    const inputs = widths[i] as number;
    const layer = i + 1;
    return [
      normal(`${prefix}w${layer}`, [inputs, outputs], deviation(inputs)),
      zeros(`${prefix}b${layer}`, [outputs]),
    ];
  });
}

/**
 * A multi-layer perceptron: dense layers with an activation between.
 *
 * @param tf TensorFlow.js
 * @param parameters have the tensors of {@link perceptronTensors}
 * @param x `[examples, in]`
 * @param options prefix of the names, and activation
 * @returns `[examples, out]`
 */
export function perceptron(
  tf: Tfjs,
  parameters: Parameters,
  x: Tensor2D,
  { prefix = '', activation = (hidden) => leakyRelu(tf, hidden) }: PerceptronOptions = {},
): Tensor2D {
  const layer = (input: Tensor2D, number: number) =>
    dense(
      tf,
      input,
      tensorOf(parameters, `${prefix}w${number}`),
      tensorOf(parameters, `${prefix}b${number}`),
    );
  let result = layer(x, 1);
  for (let number = 2; `${prefix}w${number}` in parameters; number++) {
    result = layer(activation(result), number);
  }
  return result;
}
