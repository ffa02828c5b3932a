/**
 * `dcgan` once more, in plain JavaScript and float64, straight from the design's words: a loop a sum,
 * and nothing of TensorFlow's.
 */
import { crossEntropy } from './reference-gan.ts';

/** Tensors by their short names, in C order. */
export type Tensors = Readonly<Record<string, Float64Array>>;

/** `[examples, height, width, channels]`, in C order. */
interface Maps {
  readonly n: number;
  readonly side: number;
  readonly channels: number;
  readonly at: Float64Array;
}

/** The settings that the reference needs. */
export interface Form {
  readonly size: number;
  readonly channels: number;
  readonly features: number;
  readonly latent: number;
  readonly classes: number;
}

/** Rows back to back. */
export interface Batch {
  readonly examples: number;
  readonly noise: Float64Array;
  readonly real: Float64Array;
  /** A class an example; empty where the program is not conditional. */
  readonly realLabels: readonly number[];
  readonly fakeLabels: readonly number[];
}

/** Mean and variance a channel. */
export interface Moments {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

type Norm = (x: Maps, gain: Float64Array, shift: Float64Array, layer: number) => Maps;

const GROUP = 32;
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const get = (tensors: Tensors, name: string): Float64Array => {
  const tensor = tensors[name];
  if (!tensor) throw new Error(`no ${name}`);
  return tensor;
};

/** D's loss and how real it holds the reals to be. */
export function referenceD(form: Form, D: Tensors, G: Tensors, batch: Batch) {
  const reals = { n: batch.examples, side: form.size, channels: form.channels, at: batch.real };
  const onReal = verdict(form, D, reals, batch.realLabels);
  const onFake = verdict(form, D, paint(form, G, batch, batch.fakeLabels), batch.fakeLabels);
  const loss =
    mean(onReal.map((l) => crossEntropy(l, 0.9))) + mean(onFake.map((l) => crossEntropy(l, 0)));
  return { loss, dReal: mean(onReal.map(sigmoid)) };
}

/** G's loss, how real D holds the fakes to be, and their largest value. */
export function referenceG(form: Form, D: Tensors, G: Tensors, batch: Batch) {
  const fakes = paint(form, G, batch, batch.fakeLabels);
  const logits = verdict(form, D, fakes, batch.fakeLabels);
  return {
    loss: mean(logits.map((l) => crossEntropy(l, 1))),
    dFake: mean(logits.map(sigmoid)),
    maxPixel: fakes.at.reduce((max, value) => Math.max(max, value), 0),
  };
}

/** G's images, normalized by groups or as `norm` says. */
export function paint(
  form: Form,
  G: Tensors,
  { examples, noise }: Pick<Batch, 'examples' | 'noise'>,
  labels: readonly number[],
  norm: Norm = ghostNorm,
): Maps {
  const { size, channels, features, latent, classes } = form;
  const stages = size === 64 ? 3 : 2;
  const base = size / 2 ** stages;
  const inner = features * 2 ** (stages - 1);
  const width = base * base * inner;
  const [w, b] = [get(G, 'w0'), get(G, 'b0')];
  const at = new Float64Array(examples * width);
  for (let e = 0; e < examples; e++) {
    for (let j = 0; j < width; j++) {
      let sum = b[j] as number;
      for (let i = 0; i < latent; i++) {
        sum += (noise[e * latent + i] as number) * (w[i * width + j] as number);
      }
      if (classes > 0) sum += w[(latent + (labels[e] as number)) * width + j] as number;
      at[e * width + j] = sum;
    }
  }
  let x: Maps = { n: examples, side: base, channels: inner, at };
  for (let layer = 0; layer < stages; layer++) {
    if (layer > 0) x = transposed(x, get(G, `w${layer}`), features * 2 ** (stages - 1 - layer));
    x = norm(x, get(G, `gain${layer}`), get(G, `shift${layer}`), layer);
    x = { ...x, at: x.at.map((value) => Math.max(value, 0)) };
  }
  x = transposed(x, get(G, `w${stages}`), channels);
  const bias = get(G, `b${stages}`);
  return { ...x, at: x.at.map((value, i) => sigmoid(value + (bias[i % channels] as number))) };
}

/** The mean of the groups' moments in each normalized layer. */
export function standing(
  form: Form,
  G: Tensors,
  batch: Pick<Batch, 'examples' | 'noise'>,
  labels: readonly number[],
): Moments[] {
  const seen: Moments[] = [];
  paint(form, G, batch, labels, (x, gain, shift, layer) => {
    const groups = momentsOf(x);
    const average = (pick: (moments: Moments) => Float64Array) =>
      Float64Array.from({ length: x.channels }, (_, c) =>
        mean(groups.map((group) => pick(group)[c] as number)),
      );
    seen[layer] = { mean: average((g) => g.mean), variance: average((g) => g.variance) };
    return ghostNorm(x, gain, shift);
  });
  return seen;
}

/** Normalize by moments that are given for each layer. */
export function standingNorm(moments: readonly Moments[]): Norm {
  return (x, gain, shift, layer) => normalize(x, gain, shift, () => moments[layer] as Moments);
}

function verdict(form: Form, D: Tensors, images: Maps, labels: readonly number[]): number[] {
  const { size, channels, features, classes } = form;
  const stages = size === 64 ? 3 : 2;
  let x = images;
  if (classes > 0) {
    const all = channels + classes;
    const at = Float64Array.from({ length: x.n * size * size * all }, (_, i) => {
      const [pixel, c] = [Math.floor(i / all), i % all];
      if (c < channels) return x.at[pixel * channels + c] as number;
      return labels[Math.floor(pixel / (size * size))] === c - channels ? 1 : 0;
    });
    x = { ...x, channels: all, at };
  }
  for (let layer = 0; layer < stages; layer++) {
    x = convolved(x, get(D, `w${layer}`), features * 2 ** layer);
    if (layer === 0) {
      const bias = get(D, 'b0');
      x = { ...x, at: x.at.map((value, i) => value + (bias[i % features] as number)) };
    } else x = ghostNorm(x, get(D, `gain${layer}`), get(D, `shift${layer}`));
    x = { ...x, at: x.at.map((value) => (value > 0 ? value : 0.2 * value)) };
  }
  const [w, b] = [get(D, `w${stages}`), get(D, `b${stages}`)];
  return Array.from({ length: x.n }, (_, e) =>
    w.reduce((sum, weight, i) => sum + weight * (x.at[e * w.length + i] as number), b[0] as number),
  );
}

/** Kernel `[4, 4, in, out]`, stride 2; place (i, j) of the result meets the rows from 2i - 1 on. */
function convolved(x: Maps, kernel: Float64Array, out: number): Maps {
  const side = x.side / 2;
  const at = new Float64Array(x.n * side * side * out);
  eachPair(x.n, side, x.side, (small, large, place) => {
    for (let c = 0; c < x.channels; c++) {
      const value = x.at[large * x.channels + c] as number;
      for (let o = 0; o < out; o++) {
        at[small * out + o] =
          (at[small * out + o] as number) +
          value * (kernel[(place * x.channels + c) * out + o] as number);
      }
    }
  });
  return { n: x.n, side, channels: out, at };
}

/** Kernel `[4, 4, out, in]`: each place of x is spread over the places that it would come from. */
function transposed(x: Maps, kernel: Float64Array, out: number): Maps {
  const side = 2 * x.side;
  const at = new Float64Array(x.n * side * side * out);
  eachPair(x.n, x.side, side, (small, large, place) => {
    for (let c = 0; c < x.channels; c++) {
      const value = x.at[small * x.channels + c] as number;
      for (let o = 0; o < out; o++) {
        at[large * out + o] =
          (at[large * out + o] as number) +
          value * (kernel[(place * out + o) * x.channels + c] as number);
      }
    }
  });
  return { n: x.n, side, channels: out, at };
}

/** All pairs of a pixel of the small map and one of the large, with the kernel's place that joins them. */
function eachPair(
  n: number,
  small: number,
  large: number,
  visit: (smallPixel: number, largePixel: number, place: number) => void,
): void {
  for (let e = 0; e < n; e++) {
    for (let i = 0; i < small * small; i++) {
      for (let place = 0; place < 16; place++) {
        const row = 2 * Math.floor(i / small) - 1 + Math.floor(place / 4);
        const column = 2 * (i % small) - 1 + (place % 4);
        if (row < 0 || column < 0 || row >= large || column >= large) continue;
        visit(e * small * small + i, (e * large + row) * large + column, place);
      }
    }
  }
}

function ghostNorm(x: Maps, gain: Float64Array, shift: Float64Array): Maps {
  const groups = momentsOf(x);
  return normalize(x, gain, shift, (e) => groups[Math.floor(e / GROUP)] as Moments);
}

function normalize(
  x: Maps,
  gain: Float64Array,
  shift: Float64Array,
  momentsFor: (example: number) => Moments,
): Maps {
  const size = x.side * x.side * x.channels;
  const at = x.at.map((value, i) => {
    const c = i % x.channels;
    const moments = momentsFor(Math.floor(i / size));
    const deviation = Math.sqrt((moments.variance[c] as number) + 1e-5);
    return (
      ((value - (moments.mean[c] as number)) / deviation) * (gain[c] as number) +
      (shift[c] as number)
    );
  });
  return { ...x, at };
}

/** Of each group of 32 examples, over examples and places. */
function momentsOf({ n, side, channels, at }: Maps): Moments[] {
  const size = GROUP * side * side;
  return Array.from({ length: n / GROUP }, (_, group) => {
    const moments = { mean: new Float64Array(channels), variance: new Float64Array(channels) };
    for (let c = 0; c < channels; c++) {
      const values = Float64Array.from(
        { length: size },
        (_, i) => at[(group * size + i) * channels + c] as number,
      );
      const average = values.reduce((sum, value) => sum + value, 0) / size;
      moments.mean[c] = average;
      moments.variance[c] = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / size;
    }
    return moments;
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
