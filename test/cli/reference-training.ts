/**
 * Training once more, in plain float64 JavaScript and from the design's text alone: its random
 * numbers, its two networks with gradients by hand, and TensorFlow 1's Adam. Nothing is shared with
 * the library, and no shards, backends or files are in it.
 */
import type { Numbers } from '../numeric/reference-augmentation.ts';
import { type Changes, changesOf } from './reference-changes.ts';

const TWO_32 = 2 ** 32;
const LATENT = 100;
const PIXELS = 784;
const HIDDEN = 400;
const TAGS = { weights: 1, noise: 2, real: 3, augmentation: 7 };

const NAMES = ['w1', 'b1', 'w2', 'b2'] as const;

type Pair = readonly [number, number];

/** A network's tensors, w in C order: `[inputs, outputs]`. */
type Network = Record<(typeof NAMES)[number], Float64Array>;

/** What training follows from. */
export interface Training {
  readonly seed: number;
  readonly batch: number;
  readonly iterations: number;
  readonly outputScale: number;
  /** How images are changed before D sees them. */
  readonly augment?: readonly (keyof Numbers)[] | undefined;
  /** Real images, a byte a pixel, back to back. */
  readonly images: Uint8Array;
  /** What D is to be after its first step, instead of what that step makes of it. */
  readonly firstD?: Readonly<Record<string, ArrayLike<number>>> | undefined;
}

/** How a run with local iterations is cut. */
export interface Lanes {
  readonly lanes: number;
  /** Iterations of a lane from one averaging to the next. */
  readonly each: number;
}

/** What gradients of a slice of a batch follow from, beside its examples. */
interface Slice extends Pick<Training, 'batch' | 'outputScale'> {
  readonly changes: Changes;
}

/** Two networks, and Adam's state of both. */
interface Trainer {
  readonly D: Network;
  readonly G: Network;
  readonly adamD: Adam;
  readonly adamG: Adam;
}

/** Both networks after so many iterations, by tensor name as `D.w1`. */
export function trainReference(training: Training): Record<string, Float64Array> {
  const { seed, batch, iterations, firstD } = training;
  const D = makeNetwork(seed, 0, [PIXELS, HIDDEN, 1]);
  const G = makeNetwork(seed, 4, [LATENT, HIDDEN, PIXELS]);
  const trainer = { D, G, adamD: new Adam(D), adamG: new Adam(G) };
  for (let step = 0; step < 3 * iterations; step++) {
    performStep(trainer, training, step, [0, batch]);
    if (step === 0 && firstD) for (const name of NAMES) D[name].set(firstD[`D.${name}`] ?? []);
  }
  return { ...named('D', D), ...named('G', G) };
}

/**
 * The same with local iterations: each lane trains on its slice of every batch, with an Adam of its
 * own, and the means of what the lanes have changed, weighted by examples, are added to both networks.
 */
export function trainLanes(
  training: Training,
  { lanes, each }: Lanes,
): Record<string, Float64Array> {
  const { seed, batch, iterations } = training;
  const D = makeNetwork(seed, 0, [PIXELS, HIDDEN, 1]);
  const G = makeNetwork(seed, 4, [LATENT, HIDDEN, PIXELS]);
  const adams = Array.from({ length: lanes }, () => ({ adamD: new Adam(D), adamG: new Adam(G) }));
  for (let first = 0; first < iterations; first += each) {
    const means = { D: zerosLike(D), G: zerosLike(G) };
    for (const [lane, adam] of adams.entries()) {
      const own = { D: copyOf(D), G: copyOf(G), ...adam };
      const from = Math.floor((lane * batch) / lanes);
      const to = Math.floor(((lane + 1) * batch) / lanes);
      const last = Math.min(first + each, iterations);
      for (let step = 3 * first; step < 3 * last; step++) {
        performStep(own, training, step, [from, to]);
      }
      addTimes(means.D, difference(own.D, D), (to - from) / batch);
      addTimes(means.G, difference(own.G, G), (to - from) / batch);
    }
    addTimes(D, means.D, 1);
    addTimes(G, means.G, 1);
  }
  return { ...named('D', D), ...named('G', G) };
}

/** One step on some examples of its batch. */
function performStep(trainer: Trainer, training: Training, step: number, slice: Pair): void {
  const { D, G, adamD, adamG } = trainer;
  const { seed, batch, outputScale, augment } = training;
  const changes = changesOf(stream(seed, TAGS.augmentation, step), slice[0], augment);
  const own = { outputScale, batch: slice[1] - slice[0], changes };
  const key = stream(seed, TAGS.noise, step);
  const noise = rowsOf(batch, LATENT, (e, k) => normal(key, e, k)).slice(...slice);
  if (step % 3 === 0) {
    const real = drawReal(training, step).slice(...slice);
    adamD.apply(D, gradientOfD(D, G, noise, real, own));
  } else {
    adamG.apply(G, gradientOfG(D, G, noise, own));
  }
}

function threefry(key: Pair, counter: Pair): Pair {
  const keys = [key[0], key[1], (0x1bd11bda ^ key[0] ^ key[1]) >>> 0];
  const add = (a: number, b: number) => (a + b) % TWO_32;
  let [a, b] = [add(counter[0], key[0]), add(counter[1], key[1])];
  const rotations = [13, 15, 26, 6, 17, 29, 16, 24];
  for (let round = 1; round <= 20; round++) {
    const by = rotations[(round - 1) % 8] as number;
    a = add(a, b);
    b = (((b << by) | (b >>> (32 - by))) ^ a) >>> 0;
    if (round % 4 !== 0) continue;
    const n = round / 4;
    a = add(a, keys[n % 3] as number);
    b = add(add(b, keys[(n + 1) % 3] as number), n);
  }
  return [a, b];
}

function stream(seed: number, tag: number, index: number): Pair {
  return threefry([seed % TWO_32, Math.floor(seed / TWO_32)], [tag, index]);
}

/** Stored as float32, as the design says. */
function normal(key: Pair, example: number, k: number, deviation = 1): number {
  const [x0, x1] = threefry(key, [example, Math.floor(k / 2)]);
  const angle = (2 * Math.PI * x1) / TWO_32;
  const wave = k % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
  return Math.fround(deviation * Math.sqrt(-2 * Math.log((x0 + 1) / TWO_32)) * wave);
}

function makeNetwork(seed: number, first: number, sizes: [number, number, number]): Network {
  const [inputs, hidden, outputs] = sizes;
  const matrix = (number: number, rows: number, columns: number) => {
    const key = stream(seed, TAGS.weights, number);
    return Float64Array.from({ length: rows * columns }, (_, i) => normal(key, 0, i, 1 / rows));
  };
  return {
    w1: matrix(first, inputs, hidden),
    b1: new Float64Array(hidden),
    w2: matrix(first + 2, hidden, outputs),
    b2: new Float64Array(outputs),
  };
}

function drawReal({ seed, batch, images }: Training, step: number): Float64Array[] {
  const key = stream(seed, TAGS.real, step);
  const population = images.length / PIXELS;
  const indices = Array.from({ length: batch }, (_, e) =>
    Math.floor((threefry(key, [e, 0])[0] * population) / TWO_32),
  );
  return rowsOf(batch, PIXELS, (e, i) => (images[(indices[e] ?? 0) * PIXELS + i] as number) / 255);
}

/** What one example meets on its way through a network. */
interface Pass {
  readonly x: Float64Array;
  readonly h: Float64Array;
  readonly y: Float64Array;
}

function forward({ w1, b1, w2, b2 }: Network, x: Float64Array): Pass {
  const h = dense(x, w1, b1).map(Math.tanh);
  return { x, h, y: dense(h, w2, b2) };
}

/** Add one example's gradient. @returns the loss's derivative by the network's input */
function backward(net: Network, pass: Pass, byOutput: Float64Array, into: Network): Float64Array {
  const byHidden = backThroughDense(net.w2, pass.h, byOutput, into.w2, into.b2);
  const bySum = byHidden.map((slope, i) => slope * (1 - (pass.h[i] as number) ** 2));
  return backThroughDense(net.w1, pass.x, bySum, into.w1, into.b1);
}

function generate(G: Network, z: Float64Array, scale: number): { pass: Pass; image: Float64Array } {
  const pass = forward(G, z);
  return { pass, image: pass.y.map((logit) => scale * sigmoid(logit)) };
}

/** Cross-entropy of a logit l against a label y has the slope sigmoid(l) - y. */
function byLogit({ y }: Pass, label: number, batch: number): Float64Array {
  return y.map((logit) => (sigmoid(logit) - label) / batch);
}

function gradientOfD(
  D: Network,
  G: Network,
  noise: readonly Float64Array[],
  real: readonly Float64Array[],
  { batch, outputScale, changes }: Slice,
): Network {
  const gradient = zerosLike(D);
  for (const [i, image] of real.entries()) {
    const pass = forward(D, changes.seen('real', i, image));
    backward(D, pass, byLogit(pass, 0.9, batch), gradient);
  }
  for (const [i, z] of noise.entries()) {
    const pass = forward(D, changes.seen('fake', i, generate(G, z, outputScale).image));
    backward(D, pass, byLogit(pass, 0, batch), gradient);
  }
  return gradient;
}

function gradientOfG(
  D: Network,
  G: Network,
  noise: readonly Float64Array[],
  { batch, outputScale, changes }: Slice,
): Network {
  const gradient = zerosLike(G);
  const unused = zerosLike(D);
  for (const [i, z] of noise.entries()) {
    const { pass, image } = generate(G, z, outputScale);
    const judged = forward(D, changes.seen('fake', i, image));
    const byImage = changes.slope(i, backward(D, judged, byLogit(judged, 1, batch), unused));
    const bySigmoid = byImage.map((slope, i) => {
      const s = sigmoid(pass.y[i] as number);
      return slope * outputScale * s * (1 - s);
    });
    backward(G, pass, bySigmoid, gradient);
  }
  return gradient;
}

/** w -= lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + eps) */
class Adam {
  #t = 0;
  readonly #m: Network;
  readonly #v: Network;

  constructor(network: Network) {
    this.#m = zerosLike(network);
    this.#v = zerosLike(network);
  }

  apply(network: Network, gradient: Network): void {
    this.#t++;
    const rate = (1e-3 * Math.sqrt(1 - 0.999 ** this.#t)) / (1 - 0.9 ** this.#t);
    for (const name of NAMES) {
      const [w, m, v] = [network[name], this.#m[name], this.#v[name]];
      gradient[name].forEach((g, i) => {
        m[i] = 0.9 * (m[i] as number) + 0.1 * g;
        v[i] = 0.999 * (v[i] as number) + 0.001 * g * g;
        w[i] = (w[i] as number) - (rate * (m[i] as number)) / (Math.sqrt(v[i] as number) + 1e-8);
      });
    }
  }
}

function dense(x: Float64Array, w: Float64Array, b: Float64Array): Float64Array {
  const y = b.slice();
  const width = y.length;
  x.forEach((value, i) => {
    for (let j = 0; j < width; j++) {
      y[j] = (y[j] as number) + value * (w[i * width + j] as number);
    }
  });
  return y;
}

/** Add the gradients of a dense layer's tensors. @returns the derivative by its input */
function backThroughDense(
  w: Float64Array,
  x: Float64Array,
  byOutput: Float64Array,
  intoW: Float64Array,
  intoB: Float64Array,
): Float64Array {
  const width = byOutput.length;
  byOutput.forEach((slope, j) => {
    intoB[j] = (intoB[j] as number) + slope;
  });
  return x.map((value, i) => {
    let slope = 0;
    for (let j = 0; j < width; j++) {
      const at = i * width + j;
      intoW[at] = (intoW[at] as number) + value * (byOutput[j] as number);
      slope += (w[at] as number) * (byOutput[j] as number);
    }
    return slope;
  });
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function zerosLike({ w1, b1, w2, b2 }: Network): Network {
  const zeros = ({ length }: Float64Array) => new Float64Array(length);
  return { w1: zeros(w1), b1: zeros(b1), w2: zeros(w2), b2: zeros(b2) };
}

function copyOf({ w1, b1, w2, b2 }: Network): Network {
  return { w1: w1.slice(), b1: b1.slice(), w2: w2.slice(), b2: b2.slice() };
}

function difference(a: Network, b: Network): Network {
  const result = copyOf(a);
  addTimes(result, b, -1);
  return result;
}

function addTimes(to: Network, network: Network, factor: number): void {
  for (const name of NAMES) {
    network[name].forEach((value, i) => {
      to[name][i] = (to[name][i] as number) + factor * value;
    });
  }
}

function rowsOf(
  count: number,
  length: number,
  valueAt: (row: number, column: number) => number,
): Float64Array[] {
  return Array.from({ length: count }, (_, row) =>
    Float64Array.from({ length }, (_value, column) => valueAt(row, column)),
  );
}

function named(name: string, network: Network): Record<string, Float64Array> {
  return Object.fromEntries(
    Object.entries(network).map(([tensor, values]) => [`${name}.${tensor}`, values]),
  );
}
