/**
 * Training once more, in plain float64 JavaScript and from the design's text alone: its random
 * numbers, its two networks with gradients by hand, and TensorFlow 1's Adam. Nothing is shared with
 * the library, and no backends or files are in it. Shards are in it where bits follow from them.
 */
import type { Numbers } from '../numeric/reference-augmentation.ts';
import { type Changes, changesOf } from './reference-changes.ts';
import { backThroughDense, dense } from './reference-dense.ts';
import { normal, type Pair, stream, TWO_32, threefry } from './reference-stream.ts';
import { halfRounded, int8Rounded, type Place, type Travel } from './reference-wire.ts';

const LATENT = 100;
const PIXELS = 784;
const HIDDEN = 400;
const TAGS = { weights: 1, noise: 2, real: 3, augmentation: 7 };

const WHOLE: Travel = { shards: 1 };

const NAMES = ['w1', 'b1', 'w2', 'b2'] as const;

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
  /** How weights and gradients travel. Default: as they are, of one shard. */
  readonly travel?: Travel;
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
    performStep(trainer, training, step, [0, batch], training.travel ?? WHOLE);
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
  const { seed, batch, iterations, travel = WHOLE } = training;
  const D = makeNetwork(seed, 0, [PIXELS, HIDDEN, 1]);
  const G = makeNetwork(seed, 4, [LATENT, HIDDEN, PIXELS]);
  const adams = Array.from({ length: lanes }, () => ({ adamD: new Adam(D), adamG: new Adam(G) }));
  for (let first = 0; first < iterations; first += each) {
    const means = { D: zerosLike(D), G: zerosLike(G) };
    for (const [lane, adam] of adams.entries()) {
      const begun = { D: received(D, travel), G: received(G, travel) };
      const own = { D: copyOf(begun.D), G: copyOf(begun.G), ...adam };
      const from = Math.floor((lane * batch) / lanes);
      const to = Math.floor(((lane + 1) * batch) / lanes);
      const last = Math.min(first + each, iterations);
      for (let step = 3 * first; step < 3 * last; step++) {
        performStep(own, training, step, [from, to], WHOLE);
      }
      const place = { seed, step: 3 * first, shard: lane };
      const changes = { D: difference(own.D, begun.D), G: difference(own.G, begun.G) };
      const sentD = sent(changes.D, travel, { ...place, first: 0 });
      const sentG = sent(changes.G, travel, { ...place, first: sizeOf(D) });
      addTimes(means.D, sentD, (to - from) / batch);
      addTimes(means.G, sentG, (to - from) / batch);
    }
    addTimes(D, means.D, 1);
    addTimes(G, means.G, 1);
  }
  return { ...named('D', D), ...named('G', G) };
}

/** One step on some examples of its batch, in shards. */
function performStep(
  { D, G, adamD, adamG }: Trainer,
  training: Training,
  step: number,
  [first, end]: Pair,
  travel: Travel,
): void {
  const at = { D: received(D, travel), G: received(G, travel) };
  const sum = zerosLike(step % 3 === 0 ? D : G);
  const examples = end - first;
  for (let shard = 0; shard < travel.shards; shard++) {
    const from = first + Math.floor((shard * examples) / travel.shards);
    const to = first + Math.floor(((shard + 1) * examples) / travel.shards);
    const place = { seed: training.seed, step, shard, first: 0 };
    const gradient = gradientOf(at.D, at.G, training, step, [from, to]);
    addTimes(sum, sent(gradient, travel, place), (to - from) / examples);
  }
  if (step % 3 === 0) adamD.apply(D, sum);
  else adamG.apply(G, sum);
}

function gradientOf(D: Network, G: Network, training: Training, step: number, slice: Pair) {
  const { seed, batch, outputScale, augment } = training;
  const changes = changesOf(stream(seed, TAGS.augmentation, step), slice[0], augment);
  const own = { outputScale, batch: slice[1] - slice[0], changes };
  const key = stream(seed, TAGS.noise, step);
  const noise = rowsOf(batch, LATENT, (e, k) => normal(key, e, k)).slice(...slice);
  if (step % 3 !== 0) return gradientOfG(D, G, noise, own);
  return gradientOfD(D, G, noise, drawReal(training, step).slice(...slice), own);
}

/** A network's weights as those have them who train. */
function received(network: Network, { halfWeights }: Travel): Network {
  const copy = copyOf(network);
  if (halfWeights) for (const name of NAMES) copy[name] = halfRounded(network[name]);
  return copy;
}

/** A gradient, or a change of weights, as it arrives. */
function sent(network: Network, { int8 }: Travel, place: Place): Network {
  const copy = copyOf(network);
  if (!int8) return copy;
  let { first } = place;
  for (const name of NAMES) {
    copy[name] = int8Rounded(network[name], { ...place, first });
    first += network[name].length;
  }
  return copy;
}

function sizeOf(network: Network): number {
  return NAMES.reduce((size, name) => size + network[name].length, 0);
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
