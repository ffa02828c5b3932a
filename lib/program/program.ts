import type * as Tf from '@tensorflow/tfjs-core';
import type { z } from 'zod';

/** The part of TensorFlow.js that programs use; they are given it and never import it. */
export type Tfjs = typeof Tf;

/** A network's tensors by their short names, as `w1`. */
export type Parameters = Readonly<Record<string, Tf.Tensor>>;

/** All networks' tensors, by the network's name. */
export type NetworkParameters = Readonly<Record<string, Parameters>>;

/** A tensor of a network. */
export interface TensorSpec {
  /** Name within the network, as `w1`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Standard deviation of its initial normal values; 0 for zeros. */
  readonly initialDeviation: number;
}

/** A network: its tensors in order. Tensor `w1` of network `D` is stored as `D.w1`. */
export interface NetworkSpec {
  readonly name: string;
  readonly tensors: readonly TensorSpec[];
}

/** How shards' values of a statistic become the step's: weighted mean, or largest. */
export type Reduction = 'mean' | 'max';

/** What a phase's loss is computed from. */
export interface PhaseInputs {
  /** Noise, one row an example: `[examples, latent]`. */
  readonly noise: Tf.Tensor2D;
  /** Real examples in [0, 1], one row each: `[examples, pixels]`. Only where the phase asks for them. */
  readonly real: Tf.Tensor2D | undefined;
}

/** A loss (scalar) and the phase's statistics (scalars), in the order of `PhaseSpec.statistics`. */
export interface PhaseLoss {
  readonly loss: Tf.Scalar;
  readonly statistics: readonly Tf.Scalar[];
}

/** One update of one network inside an iteration. */
export interface PhaseSpec {
  readonly name: string;
  /** The network that this phase updates. */
  readonly network: string;
  readonly needsReal: boolean;
  /** The statistics beside the loss that a step reports, and how shards' values combine. */
  readonly statistics: readonly { readonly name: string; readonly reduction: Reduction }[];
  /** The metric that the phase's loss is reported as, as `dCost`. */
  readonly lossName: string;
  /** The shard's mean loss. Runs inside the gradient's tape, with whatever backend the worker has. */
  readonly loss: (tf: Tfjs, networks: NetworkParameters, inputs: PhaseInputs) => PhaseLoss;
}

/**
 * What is trained: its networks, its ordered phases and their losses. The coordinator knows nothing
 * of a program but this; a second program is a second value of this type.
 */
export interface Program {
  readonly networks: readonly NetworkSpec[];
  readonly phases: readonly PhaseSpec[];
  /** Length of a noise vector. */
  readonly latent: number;
  /** Shape of a real example, as `[28, 28]`. */
  readonly exampleShape: readonly [height: number, width: number];
  /** The network that draws samples. */
  readonly generator: string;
  /** Images from noise, `[examples, pixels]`, values 0 to 1. */
  readonly generate: (tf: Tfjs, generator: Parameters, noise: Tf.Tensor2D) => Tf.Tensor2D;
}

/** A program by name, before its settings are known. */
export interface ProgramDefinition<Settings> {
  readonly name: string;
  readonly settings: z.ZodType<Settings>;
  readonly create: (settings: Settings) => Program;
}
