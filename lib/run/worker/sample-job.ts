import type { SampleJob } from '../../wire/messages.ts';
import type { JobResult, WorkerContext } from './context.ts';
import { drawImages, standingStatistics } from './draw-images.ts';
import { loadNetworks } from './networks.ts';
import { stopwatch } from './stopwatch.ts';
import { disposeAll } from './variables.ts';

/** Draw a run's sample grid: one byte per value, images back to back. */
export async function drawSamples(context: WorkerContext, job: SampleJob): Promise<JobResult> {
  const clock = stopwatch();
  const program = await context.programs.load(job.program);
  const networks = await loadNetworks(context, job, program);
  const loadMs = clock();
  const { tf } = context.backend;
  const { seed, examples: count } = job;
  const generator = networks[program.generator] ?? {};
  const statistics = standingStatistics(tf, program, generator, seed);
  const values = drawImages(tf, program, generator, { count, seed, statistics });
  disposeAll(statistics);
  const computeMs = clock();
  const bytes = Uint8Array.from(values, (value) => Math.round(255 * value));
  return { bytes, statistics: {}, timing: { loadMs, computeMs, encodeMs: clock() } };
}
