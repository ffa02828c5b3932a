import type { ComputedGradient } from '../../backend/gradient-computer.ts';
import { networkLayout, networkOf } from '../../program/network.ts';
import type { GradientJob } from '../../wire/messages.ts';
import { JobFailedError } from '../errors.ts';
import type { JobResult, WorkerContext } from './context.ts';
import { loadNetworks } from './networks.ts';
import { toInputs } from './phase-inputs.ts';
import { stopwatch } from './stopwatch.ts';

/** Compute the gradient of a phase's loss on one shard of a step. */
export async function computeGradient(
  context: WorkerContext,
  job: GradientJob,
): Promise<JobResult> {
  const clock = stopwatch();
  const program = await context.programs.load(job.program);
  const phase = program.phases[job.phase];
  if (!phase) throw new JobFailedError(`The program has no phase ${job.phase}`);
  const networks = await loadNetworks(context, job, program);
  const { tf } = context.backend;
  const inputs = toInputs(
    tf,
    program,
    await context.inputs.draw(context.datasets, job, program, phase),
  );
  const loadMs = clock();

  // A phase that comes again in an iteration is the same loss.
  const loss = JSON.stringify([job.program, program.phases.indexOf(phase)]);
  const layout = networkLayout(networkOf(program, phase.network));
  const encoder = context.encoders.for(layout, job.wire);
  const task = { loss, phase, networks, inputs, memory: encoder.gradient };
  let computed: ComputedGradient;
  try {
    computed = context.gradients.compute(job.gradients, task);
  } finally {
    tf.dispose(inputs);
  }
  const { statistics, compileMs } = computed;
  const computeMs = clock() - compileMs;

  const bytes = encoder.encode(job, { compress: job.compress });
  const timing = { loadMs, ...(compileMs > 0 ? { compileMs } : {}), computeMs, encodeMs: clock() };
  return { bytes, statistics, timing };
}
