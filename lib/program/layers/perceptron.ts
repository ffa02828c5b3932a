import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Parameters, TensorSpec, Tfjs } from '../program.ts';
import { dense } from './dense.ts';
import { leakyRelu } from './leaky-relu.ts';
import { normal, tensorOf, zeros } from './tensors.ts';

/** What several perceptrons in one network are told apart by, such as `encoder_`. */
interface Named {
  /** What the names of its tensors begin with. Default: nothing. */
  readonly prefix?: string;
}

/**
 * The tensors of a multi-layer perceptron: `w1`, `b1`, `w2`, `b2` and so on. Biases begin with zeros.
 *
 * @param widths of its input, of its hidden layers, and of its output
 * @param deviation of the weights of a layer with so many inputs. Default: `sqrt(2 / inputs)`, after He
 *   et al., "Delving deep into rectifiers", 2015
 */
export function perceptronTensors(
  widths: readonly number[],
  {
    prefix = '',
    deviation = (inputs) => Math.sqrt(2 / inputs),
  }: Named & { readonly deviation?: (inputs: number) => number } = {},
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
 * @param parameters have those of {@link perceptronTensors}
 * @param x `[examples, in]`
 * @param activation default: {@link leakyRelu}
 * @returns `[examples, out]`: no activation after the last layer
 */
export function perceptron(
  tf: Tfjs,
  parameters: Parameters,
  x: Tensor2D,
  {
    prefix = '',
    activation = (hidden) => leakyRelu(tf, hidden),
  }: Named & { readonly activation?: (hidden: Tensor2D) => Tensor2D } = {},
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
