import { StreamTag } from '../../numeric/random.ts';
import type { ScoreJob } from '../../wire/messages.ts';
import type { JobResult, WorkerContext } from './context.ts';
import { drawImages, standingStatistics } from './draw-images.ts';
import { loadNetworks } from './networks.ts';
import { scoreImages } from './score-images.ts';
import { stopwatch } from './stopwatch.ts';
import { disposeAll } from './variables.ts';

/** Score images of a run's generator. The answer's statistics are the scores. */
export async function computeScore(context: WorkerContext, job: ScoreJob): Promise<JobResult> {
  const clock = stopwatch();
  const { store, backend, datasets, programs, remainingMs } = context;
  const { tf } = backend;
  const program = await programs.load(job.program);
  const networks = await loadNetworks(context, job, program);
  const dataset = await datasets.load(job.dataset);
  const loadMs = clock();
  const generator = networks[program.generator] ?? {};
  const { seed, examples: count } = job;
  const statistics = standingStatistics(tf, program, generator, seed);
  const drawing = { count, seed, tag: StreamTag.scoredImages, statistics };
  const values = drawImages(tf, program, generator, drawing);
  disposeAll(statistics);
  const generated = { values, count, shape: program.exampleShape };
  const scores = await scoreImages({ store, tf, remainingMs }, dataset, generated);
  const timing = { loadMs, computeMs: clock(), encodeMs: 0 };
  return { bytes: new Uint8Array(), statistics: { ...scores }, timing };
}
