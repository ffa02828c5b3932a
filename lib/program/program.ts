import type * as Tf from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import type { ExampleShape } from './example-shape.ts';
import type { LossMetric, MetricSpec } from './metric-spec.ts';

/** The part of TensorFlow.js that programs use. They get it as an argument and never import it. */
export type Tfjs = typeof Tf;

/** A network's tensors by their short names, such as `w1`. */
export type Parameters = Readonly<Record<string, Tf.Tensor>>;

/** All networks' tensors, by the network's name. */
export type NetworkParameters = Readonly<Record<string, Parameters>>;

/** What a tensor holds before the first step. */
export type InitialValues =
  | {
      /** Normal values of mean 0, which follow from the run's seed. */
      readonly kind: 'normal';
      /** Their standard deviation. */
      readonly deviation: number;
    }
  | {
      /** Zeros. */
      readonly kind: 'zeros';
    }
  | {
      /** Ones. */
      readonly kind: 'ones';
    };

/** A tensor of a network. */
export interface TensorSpec {
  /** Name within the network, such as `w1`. */
  readonly name: string;
  /** Its dimensions, which no step changes. */
  readonly shape: readonly number[];
  /** What it holds before the first step. */
  readonly initial: InitialValues;
}

/** A network: its tensors in order. Tensor `w1` of network `D` is stored as `D.w1`. */
export interface NetworkSpec {
  /** Its name, such as `D`. */
  readonly name: string;
  /** Its tensors. Weights and gradients hold them in this order. */
  readonly tensors: readonly TensorSpec[];
}

/**
 * What a phase's loss is computed from: one flat record of tensors, so that code which passes them
 * on need not know them. A row is an example.
 */
export interface PhaseInputs {
  /** Noise: `[examples, latent]`. */
  readonly noise: Tf.Tensor2D;
  /** Real examples in [0, 1]: `[examples, values]`. Only where the phase asks for them. */
  readonly real?: Tf.Tensor2D | undefined;
  /** One-hot labels of the real examples: `[examples, classes]`. Where the program wants labels. */
  readonly realLabels?: Tf.Tensor2D | undefined;
  /** One-hot labels to draw fakes of: `[examples, classes]`. Where the program wants labels. */
  readonly fakeLabels?: Tf.Tensor2D | undefined;
  readonly [name: string]: Tf.Tensor | undefined;
}

/** A loss (scalar) and the phase's statistics (scalars), in the order of `PhaseSpec.statistics`. */
export interface PhaseLoss {
  /** The mean over the examples. */
  readonly loss: Tf.Scalar;
  /** One for each of the phase's `statistics`. */
  readonly statistics: readonly Tf.Scalar[];
}

/** One update of one network inside an iteration. */
export interface PhaseSpec {
  /** Its name, such as `D`. */
  readonly name: string;
  /** The network that this phase updates. */
  readonly network: string;
  /** Whether the loss gets real examples. */
  readonly needsReal: boolean;
  /** What the loss is reported as. */
  readonly lossMetric: LossMetric;
  /** What a step reports beside the loss. */
  readonly statistics: readonly MetricSpec[];
  /**
   * The shard's mean loss. It runs inside the gradient's tape, on any backend. It must not read
   * values of tensors or draw random numbers: everything that it depends on is an input.
   */
  readonly loss: (tf: Tfjs, networks: NetworkParameters, inputs: PhaseInputs) => PhaseLoss;
}

/** What images are drawn from beside weights and noise. */
export interface DrawingInputs {
  /** What `standingStatistics` gave for these weights. */
  readonly statistics?: Parameters | undefined;
  /** One-hot labels: `[examples, classes]`. Where the program wants labels. */
  readonly labels?: Tf.Tensor2D | undefined;
}

/** Numbers that the tensors of a computation hold at the same time, per example. */
export interface WorkingValues {
  /** In the largest phase's gradient, computed one operation after the other. */
  readonly gradient: number;
  /** In drawing images, or in computing standing statistics. */
  readonly drawing: number;
}

/**
 * What is trained: its networks, its ordered phases and their losses. The coordinator knows nothing
 * else about a program. A second program is a second value of this type.
 */
export interface Program {
  /** What is trained. Names are unique. */
  readonly networks: readonly NetworkSpec[];
  /** The updates of an iteration, in order. The same one may come several times. */
  readonly phases: readonly PhaseSpec[];
  /** Length of a noise vector. */
  readonly latent: number;
  /** Shape of a real example, such as `[28, 28, 1]`. */
  readonly exampleShape: ExampleShape;
  /** Names of metrics in the order in which they are shown. Default: the order of the phases. */
  readonly columns?: readonly string[];
  /**
   * Losses compute on groups of this many consecutive examples of the global batch. No shard may
   * cut a group. Default: every example by itself.
   */
  readonly groupSize?: number;
  /**
   * Losses change images before D sees them, by `augmented` (`layers/augment.ts`). Default: they do not,
   * and `--augment` is refused.
   */
  readonly augments?: boolean;
  /** What memory is estimated from before a run starts. Default: not known. */
  readonly workingValues?: WorkingValues;
  /** The program needs a dataset with labels of this many classes. Default: it uses no labels. */
  readonly wantsLabels?: {
    /** How many. */
    readonly classes: number;
  };
  /** The network that draws samples. */
  readonly generator: string;
  /**
   * What normalizing layers of the generator use when images are drawn one by one, by name. It is
   * computed from fixed noise. Default: the generator has no such layers.
   */
  readonly standingStatistics?: (
    tf: Tfjs,
    generator: Parameters,
    noise: Tf.Tensor2D,
    given: Pick<DrawingInputs, 'labels'>,
  ) => Parameters;
  /** Images from noise, `[examples, values]`, values 0 to 1. */
  readonly generate: (
    tf: Tfjs,
    generator: Parameters,
    noise: Tf.Tensor2D,
    given: DrawingInputs,
  ) => Tf.Tensor2D;
}

/** The properties of a dataset that a program's settings may depend on. */
export interface DatasetForm {
  /** The name that it was imported as, or `digits`. */
  readonly name: string;
  /** The form of one example. */
  readonly shape: ExampleShape;
  /** The number of classes of its labels; undefined: it has no labels. */
  readonly classes: number | undefined;
}

/** A program by name, before its settings are known. */
export interface ProgramDefinition<Settings> {
  readonly name: string;
  readonly settings: z.ZodType<Settings>;
  /**
   * The settings of a new run, made to fit its dataset. Default: as they were asked for.
   *
   * @param dataset undefined: not known yet, and assumed to fit
   * @throws UsageError when they cannot fit
   */
  readonly adapt?: (asked: Settings, dataset: DatasetForm | undefined) => Settings;
  readonly create: (settings: Settings) => Program;
}
