/** The keys of a run's objects: the one place that knows how a store is laid out. */
export const runKeys = {
  all: 'runs/',
  run: (runId: string) => `runs/${runId}/`,
  config: (runId: string) => `runs/${runId}/config.json`,
  head: (runId: string) => `runs/${runId}/head.json`,
  weights: (runId: string, network: string, version: number, epoch: number) =>
    `runs/${runId}/weights/${network}/${version}-e${epoch}.safetensors`,
  allWeights: (runId: string) => `runs/${runId}/weights/`,
  gradient: (runId: string, step: number, shard: number, epoch: number, attempt: string) =>
    `runs/${runId}/gradients/${step}/${shard}-e${epoch}-${attempt}.safetensors`,
  allGradients: (runId: string) => `runs/${runId}/gradients/`,
  checkpoint: (runId: string, iteration: number, epoch: number) =>
    `runs/${runId}/checkpoints/${iteration}-e${epoch}/`,
  allCheckpoints: (runId: string) => `runs/${runId}/checkpoints/`,
  metrics: (runId: string, firstIteration: number, epoch: number) =>
    `runs/${runId}/metrics/${firstIteration}-e${epoch}.jsonl`,
  allMetrics: (runId: string) => `runs/${runId}/metrics/`,
  samples: (runId: string, iteration: number) => `runs/${runId}/samples/${iteration}.png`,
  allSamples: (runId: string) => `runs/${runId}/samples/`,
  singleSample: (runId: string) => `runs/${runId}/sample.png`,
  report: (runId: string) => `runs/${runId}/report.html`,
} as const;

/** The queue that a run's replies to one coordinator come back on. */
export function repliesQueue(runId: string, epoch: number): string {
  return `replies-${runId}-e${epoch}`;
}
