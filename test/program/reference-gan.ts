/**
 * The first program's losses once more, in plain JavaScript and float64, straight from the design's
 * formulas: one example at a time, with the textbook form of the cross-entropy.
 */

/** A network's tensors by their short names. */
export type Weights = Readonly<Record<'w1' | 'b1' | 'w2' | 'b2', Float64Array>>;

/** What a loss is computed from; all rows back to back. */
export interface Batch {
  readonly examples: number;
  /** `examples * 100` */
  readonly noise: Float64Array;
  /** `examples * 784` */
  readonly real: Float64Array;
}

const SIGMOID = (x: number): number => 1 / (1 + Math.exp(-x));

/** Mean cross-entropy of D on reals against 0.9, plus that of D on fakes against 0. */
export function referenceDiscriminatorLoss(D: Weights, G: Weights, batch: Batch, scale: number) {
  const onReal = rows(batch.real, batch.examples).map((row) => logitOf(D, row));
  const onFake = fakesOf(G, batch, scale).map((row) => logitOf(D, row));
  return {
    loss:
      mean(onReal.map((l) => crossEntropy(l, 0.9))) + mean(onFake.map((l) => crossEntropy(l, 0))),
    dReal: mean(onReal.map(SIGMOID)),
  };
}

/** Mean cross-entropy of D on fakes against 1. */
export function referenceGeneratorLoss(D: Weights, G: Weights, batch: Batch, scale: number) {
  const fakes = fakesOf(G, batch, scale);
  const logits = fakes.map((row) => logitOf(D, row));
  return {
    loss: mean(logits.map((l) => crossEntropy(l, 1))),
    dFake: mean(logits.map(SIGMOID)),
    maxPixel: Math.max(...fakes.map((row) => Math.max(...row))),
  };
}

/** Sigmoid cross-entropy of a logit against a label: -y ln s - (1 - y) ln (1 - s). */
export function crossEntropy(logit: number, label: number): number {
  return -label * Math.log(SIGMOID(logit)) - (1 - label) * Math.log(SIGMOID(-logit));
}

function fakesOf(G: Weights, { noise, examples }: Batch, scale: number): Float64Array[] {
  return rows(noise, examples).map((z) =>
    dense(hidden(z, G), G.w2, G.b2).map((x) => scale * SIGMOID(x)),
  );
}

function logitOf(D: Weights, row: Float64Array): number {
  return dense(hidden(row, D), D.w2, D.b2)[0] as number;
}

function hidden(row: Float64Array, { w1, b1 }: Weights): Float64Array {
  return dense(row, w1, b1).map(Math.tanh);
}

/** `x w + b`, w in C order: `[inputs, outputs]`. */
function dense(x: Float64Array, w: Float64Array, b: Float64Array): Float64Array {
  const y = b.slice();
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < y.length; j++) {
      y[j] = (y[j] as number) + (x[i] as number) * (w[i * y.length + j] as number);
    }
  }
  return y;
}

function rows(values: Float64Array, count: number): Float64Array[] {
  const length = values.length / count;
  return Array.from({ length: count }, (_, i) => values.subarray(i * length, (i + 1) * length));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
