/**
 * What a program file imports from `lambduel/program`. A bundle holds what it uses of this, so that a
 * run of an earlier version computes the same.
 */

export type { ImageKind } from '../numeric/augmentation.ts';
export {
  type DefinedProgram,
  defineProgram,
  type OwnProgram,
  type SettingDefaults,
  type SettingsOf,
  type SettingValue,
  type TrainingDefaults,
} from './define-program.ts';
export { type ExampleShape, exampleValues } from './example-shape.ts';
export { type GanMetrics, ganColumns, ganMetrics } from './gan-metrics.ts';
export { type GanLosses, type GanPhasesOptions, type GanSteps, ganPhases } from './gan-phases.ts';
export { augmented, augmentedRows } from './layers/augment.ts';
export { addBias, conv, transposedConv } from './layers/conv.ts';
export { dense } from './layers/dense.ts';
export {
  type Affine,
  GROUP_SIZE,
  ghostNorm,
  type Moments,
  standingNorm,
} from './layers/ghost-norm.ts';
export { leakyRelu } from './layers/leaky-relu.ts';
export {
  type AdversarialLoss,
  hinge,
  leastSquares,
  meanCrossEntropy,
  nonSaturating,
  REAL_LABEL,
} from './layers/losses.ts';
export {
  type PerceptronOptions,
  type PerceptronTensorsOptions,
  perceptron,
  perceptronTensors,
} from './layers/perceptron.ts';
export {
  groupNorms,
  type Normalize,
  standingNorms,
  standingStatisticsOf,
} from './layers/standing-statistics.ts';
export { normal, ones, tensorOf, zeros } from './layers/tensors.ts';
export type { ChartSpec, LossMetric, MetricSpec, Reduction } from './metric-spec.ts';
export type {
  DatasetForm,
  DrawingInputs,
  InitialValues,
  NetworkParameters,
  NetworkSpec,
  Parameters,
  PhaseInputs,
  PhaseLoss,
  PhaseSpec,
  Program,
  TensorSpec,
  Tfjs,
  WorkingValues,
} from './program.ts';
