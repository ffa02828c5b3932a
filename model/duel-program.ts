import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type {
  Parameters,
  PhaseSpec,
  Program,
  ProgramDefinition,
  Tfjs,
} from '../lib/program/program.ts';
import { ProgramRegistry } from '../lib/program/registry.ts';

/** Phases of an iteration, by the network that each updates. */
export const PHASES = ['D', 'G'] as const;

/** The networks of the model's program. */
export const NETWORKS = ['D', 'G'] as const;

/** A network's version when a step begins: its updates in all steps before. */
export function versionAt(network: string, step: number): number {
  let version = 0;
  for (let i = 0; i < step; i++) if (PHASES[i % PHASES.length] === network) version++;
  return version;
}

/** A number instead of a loss, which depends on all weights and on the noise. */
const loss: PhaseSpec['loss'] = (tf, networks, { noise }) => {
  const weights = Object.values(networks).flatMap((network) => Object.values(network));
  return { loss: tf.addN<Scalar>([...weights, noise] as Scalar[]), statistics: [] };
};

/** Rows and columns of an image: a patch that scores compare. */
const SIDE = 7;

/** What the generator's layers would use: a number that depends on its weights and fixed noise. */
const standingStatistics: Program['standingStatistics'] = (tf, generator, noise) => ({
  mean: tf.addN<Scalar>([...Object.values(generator), noise] as Scalar[]),
});

/** Images that depend on noise, weights and statistics. */
const generate: Program['generate'] = (tf, generator, noise, { statistics = {} }) => {
  const pixels = tf.stack(Array<Tensor2D>(SIDE * SIDE).fill(noise)) as Tensor2D;
  const all = [...Object.values(generator), ...Object.values(statistics as Parameters)];
  return tf.sigmoid(tf.mul<Tensor2D>(pixels, tf.addN<Scalar>(all as Scalar[])));
};

/** Two networks of a few parameters, and the phases of a GAN. */
const definition: ProgramDefinition<{ readonly standing: boolean }> = {
  name: 'duel',
  settings: z.strictObject({ standing: z.boolean() }),
  create: ({ standing }): Program => ({
    networks: [
      {
        name: 'D',
        tensors: [
          { name: 'w', shape: [2], initial: { kind: 'normal', deviation: 1 } },
          { name: 'b', shape: [1], initial: { kind: 'zeros' } },
        ],
      },
      {
        name: 'G',
        tensors: [{ name: 'w', shape: [2], initial: { kind: 'normal', deviation: 1 } }],
      },
    ],
    phases: PHASES.map((network) => ({
      name: network,
      network,
      needsReal: false,
      lossMetric: { name: `${network}Cost`, title: `${network} cost`, reduction: 'mean' },
      statistics: [],
      loss,
    })),
    latent: 1,
    exampleShape: [SIDE, SIDE, 1],
    generator: 'G',
    generate,
    ...(standing ? { standingStatistics } : {}),
  }),
};

/** The programs that the model's coordinators and workers know. */
export const duelPrograms = new ProgramRegistry().register(definition);

/** The two real images of the dataset that scored runs are compared with. */
export const REAL_IMAGES = {
  name: 'pair',
  images: Uint8Array.from({ length: 2 * SIDE * SIDE }, (_, i) => (i * 37) % 256),
  examples: 2,
  shape: [SIDE, SIDE, 1],
  source: 'the model',
} as const;

interface Values {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly size: number;
  dispose(): void;
  dataSync(): Float32Array;
  clone(): Values;
}

let made = 0;

function valuesOf(numbers: ArrayLike<number>): Values {
  const values = Float32Array.from(numbers);
  const size = values.length;
  const name = `t${made++}`;
  const clone = () => valuesOf(values);
  const shape = [size];
  return { name, shape, values, size, dispose: () => {}, dataSync: () => values, clone };
}

/** An operation on two tensors of one size, or on a tensor and a number. */
function elementwise(compute: (a: number, b: number) => number) {
  return ({ values }: Values, other: Values | number): Values => {
    const all = typeof other === 'number' ? [other] : other.values;
    return valuesOf(values.map((x, i) => compute(x, all[all.length === 1 ? 0 : i] as number)));
  };
}

/** The gradient of a loss of this value by some of the tensors that it depends on. */
function gradientOf({ values }: Values, [loss = 0]: Float32Array): Values {
  return valuesOf(values.map((x, i) => 0.5 * x + 0.1 * loss - 0.01 * i));
}

/**
 * As much of TensorFlow.js as a worker needs for this program, in plain arrays. A gradient depends
 * on everything that it may depend on: the network's weights, the others', and the shard's noise.
 */
export const duelArithmetic = {
  tensor: valuesOf,
  tensor2d: valuesOf,
  variable: ({ values }: Values) => valuesOf(values),
  tidy: <T>(compute: () => T) => compute(),
  keep: <T>(tensor: T) => tensor,
  stack: concatenated,
  sigmoid: ({ values }: Values) => valuesOf(values.map((x) => 1 / (1 + Math.exp(-x)))),
  addN: (tensors: readonly Values[]) =>
    valuesOf([concatenated(tensors).values.reduce((sum, x) => sum + x, 0)]),
  variableGrads: (compute: () => Values, variables: readonly Values[]) => {
    const { values } = compute();
    return { grads: Object.fromEntries(variables.map((v) => [v.name, gradientOf(v, values)])) };
  },
  engine: () => ({
    gradients: (compute: () => Values, tensors: readonly Values[]) => {
      const { values } = compute();
      return { grads: tensors.map((tensor) => gradientOf(tensor, values)) };
    },
  }),
  add: elementwise((a, b) => a + b),
  sub: elementwise((a, b) => a - b),
  mul: elementwise((a, b) => a * b),
  div: elementwise((a, b) => a / b),
  sqrt: ({ values }: Values) => valuesOf(values.map(Math.sqrt)),
  square: ({ values }: Values) => valuesOf(values.map((x) => x * x)),
  clone: (tensor: Values) => tensor.clone(),
  scalar: (value: number) => valuesOf([value]),
  dispose: () => {},
  memory: () => ({ numTensors: 0 }),
} as unknown as Tfjs;

function concatenated(tensors: readonly Pick<Values, 'values'>[]): Values {
  return valuesOf(tensors.flatMap(({ values }) => [...values]));
}
