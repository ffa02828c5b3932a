import { dcganDefaults } from './dcgan-settings.ts';

/** What `lambduel train` uses where neither an option nor a configuration file says otherwise. */
const COMMON = {
  program: 'mlp-gan',
  /** Examples of a step's global batch. */
  batch: 128,
  /** Jobs per step. It does not depend on the machine, because the weights follow from it. */
  shards: 1,
  /** The seed of everything random. */
  seed: 0,
  /** Adam's step size and decay rates (beta1, beta2), and the epsilon of its denominator. */
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  /** Examples after which the average of G's weights has half forgotten; 0: no average is kept. */
  emaHalfLife: 0,
  /** The packed dataset to train on. */
  dataset: 'digits',
  /** Threads of one operation in a worker. */
  threads: 2,
  /** Images of a sample grid. */
  sampleCount: 64,
} as const;

/** Named settings to start from. */
export const presets = {
  /** Images in the range of the real ones, trained long enough for digits that can be read. */
  digits: {
    ...COMMON,
    programSettings: { outputScale: 1 },
    iterations: 2000,
    checkpointEvery: 100,
    sampleEvery: 100,
  },
  /**
   * The blog post's numbers, with its generator that is 255 times too bright for D to be fooled.
   */
  blog: {
    ...COMMON,
    programSettings: { outputScale: 255 },
    iterations: 200,
    checkpointEvery: 50,
    sampleEvery: 50,
  },
  /** Convolutional networks: better images in fewer iterations, each of several times the work. */
  dcgan: {
    ...COMMON,
    program: 'dcgan',
    programSettings: dcganDefaults,
    // Its gradients are long: two workers of one thread are faster than one of two.
    shards: 2,
    threads: 1,
    learningRate: 5e-4,
    beta1: 0.5,
    emaHalfLife: 5000,
    iterations: 1000,
    checkpointEvery: 100,
    sampleEvery: 100,
  },
} as const;

/** The name of a preset. */
export type PresetName = keyof typeof presets;

/** The names of the presets, in alphabetical order. */
export const presetNames = Object.keys(presets).sort() as [PresetName, ...PresetName[]];
