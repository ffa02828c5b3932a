import { bytesOf } from '../../wire/floats.ts';
import type { StatisticsJob } from '../../wire/messages.ts';
import { encodeTensors } from '../../wire/safetensors.ts';
import type { JobResult, WorkerContext } from './context.ts';
import { standingStatistics } from './draw-images.ts';
import { loadNetworks } from './networks.ts';
import { stopwatch } from './stopwatch.ts';
import { disposeAll } from './variables.ts';

/** Compute a generator's standing statistics, as a safetensors file. */
export async function computeStatistics(
  context: WorkerContext,
  job: StatisticsJob,
): Promise<JobResult> {
  const clock = stopwatch();
  const program = await context.programs.load(job.program);
  const networks = await loadNetworks(context, job, program);
  const loadMs = clock();
  const { tf } = context.backend;
  const statistics = standingStatistics(tf, program, networks[program.generator] ?? {}, job.seed);
  const tensors = Object.entries(statistics).map(([name, tensor]) => ({
    name,
    dtype: 'F32' as const,
    shape: tensor.shape,
    data: bytesOf(tensor.dataSync() as Float32Array),
  }));
  const computeMs = clock();
  const bytes = encodeTensors({ tensors, metadata: {} });
  disposeAll(statistics);
  return { bytes, statistics: {}, timing: { loadMs, computeMs, encodeMs: clock() } };
}
