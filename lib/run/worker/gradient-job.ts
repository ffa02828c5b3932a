import { shardGradient } from '../../backend/gradient.ts';
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
  const inputs = await drawInputs(context, job, program, phase);
  const loadMs = clock();

  const { gradient, statistics } = shardGradient(context.backend.tf, phase, networks, inputs);
  inputs.noise.dispose();
  inputs.real?.dispose();
  const computeMs = clock();

  const layout = networkLayout(networkOf(program, phase.network));
  const bytes = encodeGradient(layout, gradient, job.wire);
  return { bytes, statistics, timing: { loadMs, computeMs, encodeMs: clock() } };
}
