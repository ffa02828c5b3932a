import type {
  Failure,
  GradientJob,
  LocalJob,
  SampleJob,
  ScoreJob,
  StatisticsJob,
  Success,
} from '../lib/wire/messages.ts';

const RUN = { format: 1, runId: '20260131-235959-0a1b', epoch: 3 } as const;
const weights = { key: 'runs/x/weights/D/7-e3.safetensors', crc32: '0123abcd' };

const job = {
  ...RUN,
  attempt: 1,
  seed: 2 ** 40,
  program: { name: 'mlp-gan', settings: { outputScale: 1 } },
  weights: { D: weights, G: weights },
  replyTo: 'replies-20260131-235959-0a1b-e3',
} as const;

export function gradientJob(change: Partial<GradientJob> = {}): GradientJob {
  return {
    ...job,
    kind: 'gradient',
    step: 7,
    phase: 1,
    shard: 2,
    shards: 4,
    batch: 128,
    dataset: { name: 'digits', sha256: 'ab'.repeat(32), examples: 10_000 },
    wire: 'f32',
    gradients: 'eager',
    ...change,
  };
}

export function sampleJob(change: Partial<SampleJob> = {}): SampleJob {
  return { ...job, kind: 'sample', iteration: 5, examples: 64, ...change };
}

export function localJob(change: Partial<LocalJob> = {}): LocalJob {
  return {
    ...job,
    kind: 'local',
    iteration: 20,
    iterations: 10,
    averaging: 2,
    lane: 1,
    lanes: 4,
    batch: 128,
    dataset: { name: 'digits', sha256: 'ab'.repeat(32), examples: 10_000 },
    wire: 'f32',
    gradients: 'eager',
    adam: { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    state: { key: 'runs/20260131-235959-0a1b/lanes/1/1-e3.safetensors', crc32: '0123abcd' },
    ...change,
  };
}

export function scoreJob(change: Partial<ScoreJob> = {}): ScoreJob {
  const dataset = { name: 'digits', sha256: 'ab'.repeat(32), examples: 10_000 };
  return { ...job, kind: 'score', iteration: 5, examples: 2000, dataset, ...change };
}

export function statisticsJob(change: Partial<StatisticsJob> = {}): StatisticsJob {
  return { ...job, kind: 'statistics', iteration: 5, ...change };
}

export function success(change: Partial<Success> = {}): Success {
  return {
    ...RUN,
    kind: 'success',
    round: 'step-7',
    index: 2,
    statistics: { dCost: 0.5 },
    timing: { loadMs: 1, computeMs: 2, encodeMs: 0.5 },
    data: { bytes: 100, crc32: '0123abcd' },
    ...change,
  };
}

export function failure(change: Partial<Failure> = {}): Failure {
  return {
    ...RUN,
    kind: 'failure',
    round: 'step-7',
    index: 2,
    error: { name: 'Error', message: 'no' },
    retryable: true,
    ...change,
  };
}
