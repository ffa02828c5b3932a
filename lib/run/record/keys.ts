import { type Job, roundOf } from '../../wire/messages.ts';
import { RUN_ID, RUN_ID_IN_POLICY } from '../../wire/run-id.ts';

/** The keys of a run's objects: the one place that knows how a store is laid out. */
export const runKeys = {
  all: 'runs/',
  run: (runId: string) => `runs/${runId}/`,
  config: (runId: string) => `runs/${runId}/config.json`,
  head: (runId: string) => `runs/${runId}/head.json`,
  /** A network's weights that the run begins with, where they are not the seed's. */
  initial: (runId: string, network: string, sha256: string) =>
    `runs/${runId}/initial/${network}-${sha256}.safetensors`,
  allInitial: (runId: string) => `runs/${runId}/initial/`,
  weights: (runId: string, network: string, version: number, epoch: number) =>
    `runs/${runId}/weights/${network}/${version}-e${epoch}.safetensors`,
  allWeights: (runId: string) => `runs/${runId}/weights/`,
  /**
   * Of a job's answer that is too large for a message. The round keeps a sample grid's from a
   * step's.
   */
  answer: (job: Job, attempt: string) => {
    const { index } = roundOf(job);
    const round = job.kind === 'gradient' ? `${job.step}` : roundOf(job).round;
    return `runs/${job.runId}/gradients/${round}/${index}-e${job.epoch}-${attempt}.safetensors`;
  },
  allGradients: (runId: string) => `runs/${runId}/gradients/`,
  /** A lane's optimizer state for an averaging. @param averaging how many averagings were before */
  laneState: (runId: string, averaging: number, lane: number, epoch: number) =>
    `runs/${runId}/lanes/${averaging}/${lane}-e${epoch}.safetensors`,
  allLanes: (runId: string) => `runs/${runId}/lanes/`,
  checkpoint: (runId: string, iteration: number, epoch: number) =>
    `runs/${runId}/checkpoints/${iteration}-e${epoch}/`,
  allCheckpoints: (runId: string) => `runs/${runId}/checkpoints/`,
  metrics: (runId: string, firstIteration: number, epoch: number) =>
    `runs/${runId}/metrics/${firstIteration}-e${epoch}.jsonl`,
  allMetrics: (runId: string) => `runs/${runId}/metrics/`,
  /** When the jobs of some iterations were done. */
  timeline: (runId: string, firstIteration: number, epoch: number) =>
    `runs/${runId}/timeline/${firstIteration}-e${epoch}.jsonl`,
  allTimelines: (runId: string) => `runs/${runId}/timeline/`,
  samples: (runId: string, iteration: number) => `runs/${runId}/samples/${iteration}.png`,
  allSamples: (runId: string) => `runs/${runId}/samples/`,
  singleSample: (runId: string) => `runs/${runId}/sample.png`,
  report: (runId: string) => `runs/${runId}/report.html`,
  timelinePage: (runId: string) => `runs/${runId}/timeline.html`,
  /** Everything that drawing images needs, for the iteration with the best score. */
  best: (runId: string) => `runs/${runId}/best.safetensors`,
  /** The same for the iteration that the run has reached. */
  generator: (runId: string) => `runs/${runId}/generator.safetensors`,
} as const;

/** The keys of a checkpoint's files in its folder, which is `runKeys.checkpoint`. */
export const checkpointKeys = {
  meta: (folder: string) => `${folder}meta.json`,
  /** @param name a network's for its weights; for Adam's moments see {@link momentsFile} */
  file: (folder: string, name: string) => `${folder}${name}.safetensors`,
} as const;

/** The name of a checkpoint's file with Adam's moments of a network. */
export function momentsFile(network: string): string {
  return `adam-${network}`;
}

/**
 * The name of a checkpoint's file, or of published weights, with the average of a network's
 * weights.
 */
export function averageFile(network: string): string {
  return `ema-${network}`;
}

/** The name of published weights that are not rounded, where those for training are. */
export function exactFile(network: string): string {
  return `exact-${network}`;
}

/** Keys as policies write them, with `*` and `?` for the parts that runs decide. */
export const keyPatterns = {
  all: `${runKeys.all}*`,
  heads: runKeys.head('*'),
  configs: runKeys.config('*'),
  /** Not with a `*` for the run, which would cover a folder of that name anywhere below a run. */
  weights: `${runKeys.allWeights(RUN_ID_IN_POLICY)}*`,
  gradients: `${runKeys.allGradients(RUN_ID_IN_POLICY)}*`,
  lanes: `${runKeys.allLanes(RUN_ID_IN_POLICY)}*`,
} as const;

/** The run whose head a key is; undefined for another object's. The name may have any form. */
export function runOfHead(key: string): string | undefined {
  return /^runs\/([^/]+)\/head\.json$/.exec(key)?.[1];
}

/**
 * The epoch that wrote an object of weights, gradients or a lane; undefined for another object's
 * key.
 */
export function epochInKey(key: string): number | undefined {
  const epoch = /-e(\d+)[-.][^/]*$/.exec(key)?.[1];
  return epoch === undefined ? undefined : Number(epoch);
}

/** The iteration and epoch in the name of a checkpoint's folder, such as `50-e2`. */
export function parseCheckpointFolder(folder: string): { iteration: number; epoch: number } {
  const [iteration = Number.NaN, epoch = Number.NaN] = folder.split('-e').map(Number);
  return { iteration, epoch };
}

/** Those of a store's keys that are weights in a checkpoint's folder. */
export function weightsOfCheckpoint(folder: string, keys: Iterable<string>): string[] {
  const isWeights = (key: string) =>
    key.startsWith(folder) &&
    key.endsWith('.safetensors') &&
    !key.startsWith(`${folder}${momentsFile('')}`);
  return [...keys].filter(isWeights);
}

/** What an object of metrics is named after; undefined for another object's key. */
export function parseMetricsKey(key: string): { first: number; epoch: number } | undefined {
  return parseLinesKey('metrics', key);
}

/** The same for an object of the timeline. */
export function parseTimelineKey(key: string): { first: number; epoch: number } | undefined {
  return parseLinesKey('timeline', key);
}

function parseLinesKey(kind: string, key: string) {
  const [, folder, first, epoch] = /^runs\/[^/]+\/(\w+)\/(\d+)-e(\d+)\.jsonl$/.exec(key) ?? [];
  return folder === kind ? { first: Number(first), epoch: Number(epoch) } : undefined;
}

/** The iterations after which sample grids were drawn, in order, from a list of objects. */
export function iterationsOfSamples(objects: readonly { readonly key: string }[]): number[] {
  return objects
    .flatMap(({ key }) => /^runs\/[^/]+\/samples\/(\d+)\.png$/.exec(key)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** Begins the names of all queues of replies. */
export const allRepliesQueues = 'replies-';
/** Begins the names of all queues that a run's own workers take jobs from. */
export const allJobQueues = 'jobs-';

/** The queue that a run's replies to one coordinator come back on. */
export function repliesQueue(runId: string, epoch: number): string {
  return `${allRepliesQueues}${runId}-e${epoch}`;
}

/** The queue from which a run's resident workers take the jobs of one coordinator. */
export function jobQueue(runId: string, epoch: number): string {
  return `${allJobQueues}${runId}-e${epoch}`;
}

const RUN_QUEUE = new RegExp(`^(${allRepliesQueues}|${allJobQueues})(${RUN_ID})-e(\\d+)$`);

/** What a queue of replies belongs to; undefined for the name of another queue. */
export function parseRepliesQueue(name: string): CoordinatorEpoch | undefined {
  return parseRunQueue(allRepliesQueues, name);
}

/** The same for a run's own queue of jobs. */
export function parseJobQueue(name: string): CoordinatorEpoch | undefined {
  return parseRunQueue(allJobQueues, name);
}

/** One coordinator's time with a run. */
export interface CoordinatorEpoch {
  readonly runId: string;
  readonly epoch: number;
}

function parseRunQueue(kind: string, name: string): CoordinatorEpoch | undefined {
  const [, beginning, runId, epoch] = RUN_QUEUE.exec(name) ?? [];
  return beginning === kind && runId && epoch ? { runId, epoch: Number(epoch) } : undefined;
}
