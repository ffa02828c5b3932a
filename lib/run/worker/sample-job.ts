import { takeValues } from '../../backend/gradient.ts';
import { normals, StreamTag, streamKey } from '../../numeric/random.ts';
import type { SampleJob } from '../../wire/messages.ts';
import type { JobResult, WorkerContext } from './context.ts';
import { loadNetworks } from './networks.ts';
import { stopwatch } from './stopwatch.ts';

/** Draw a run's sample grid: one byte per value, images back to back. */
export async function drawSamples(context: WorkerContext, job: SampleJob): Promise<JobResult> {
  const clock = stopwatch();
  const program = context.programs.create(job.program);
  const networks = await loadNetworks(context, job, program);
  const stream = streamKey(job.seed, StreamTag.sampleGrid, 0);
  const noise = normals(stream, 0, job.examples, program.latent);
  const loadMs = clock();
  const { tf } = context.backend;
  const images = tf.tidy(() => {
    const z = tf.tensor2d(noise, [job.examples, program.latent]);
    return program.generate(tf, networks[program.generator] ?? {}, z);
  });
  const values = takeValues(images);
  const computeMs = clock();
  const bytes = Uint8Array.from(values, (value) => Math.round(255 * value));
  return { bytes, statistics: {}, timing: { loadMs, computeMs, encodeMs: clock() } };
}
