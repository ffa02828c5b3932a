import { networkLayout, networkOf } from '../../program/network.ts';
import { encodeGradient } from '../../wire/gradient.ts';
import type { GradientJob } from '../../wire/messages.ts';
import { JobFailedError } from '../errors.ts';
import type { JobResult, WorkerContext } from './context.ts';
import { loadNetworks } from './networks.ts';
import { drawInputs } from './phase-inputs.ts';
import { stopwatch } from './stopwatch.ts';

/** Compute the gradient of a phase's loss on one shard of a step. */
export async function computeGradient(
  context: WorkerContext,
  job: GradientJob,
): Promise<JobResult> {
  const clock = stopwatch();
  const program = context.programs.create(job.program);
  const phase = program.phases[job.phase];
  if (!phase) throw new JobFailedError(`The program has no phase ${job.phase}`);
  const networks = await loadNetworks(context, job, program);
  const { backend, datasets } = context;
  const inputs = await drawInputs(backend.tf, datasets, job, program, phase);
  const loadMs = clock();

  // A phase that comes again in an iteration is the same loss.
  const loss = JSON.stringify([job.program, program.phases.indexOf(phase)]);
  const task = { loss, phase, networks, inputs };
  const { gradient, statistics, compileMs } = context.gradients.compute(job.gradients, task);
  backend.tf.dispose(inputs);
  const computeMs = clock() - compileMs;

  const layout = networkLayout(networkOf(program, phase.network));
  const bytes = encodeGradient(layout, gradient, job.wire);
  const timing = { loadMs, ...(compileMs > 0 ? { compileMs } : {}), computeMs, encodeMs: clock() };
  return { bytes, statistics, timing };
}
