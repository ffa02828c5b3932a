import type { Tensor } from '@tensorflow/tfjs-core';
import { takeValues } from '../../backend/gradient.ts';
import { type ParameterLayout, tensorView } from '../../numeric/parameter-block.ts';
import { programLayout } from '../../program/network.ts';
import type { NetworkParameters } from '../../program/program.ts';
import type { LocalJob } from '../../wire/messages.ts';
import { runKeys } from '../record/keys.ts';
import type { JobResult, WorkerContext } from './context.ts';
import { laneIterations } from './lane-iterations.ts';
import { momentsOf } from './lane-states.ts';
import { loadNetworks } from './networks.ts';
import { stopwatch } from './stopwatch.ts';

type Tensors = Readonly<Record<string, Tensor>>;

/**
 * Train a lane by itself: whole iterations with exactly the noise and real examples that its shard
 * would have had in their steps. The answer holds the difference of all networks' weights to those
 * that it began with. Leaves no tensor behind but the lane's optimizer state.
 */
export async function trainLane(context: WorkerContext, job: LocalJob): Promise<JobResult> {
  const clock = stopwatch();
  const { tf } = context.backend;
  const program = await context.programs.load(job.program);
  const networks = await loadNetworks(context, job, program);
  const begun = weightsByName(networks);
  const moments = await context.lanes.load(job, program);
  const loadMs = clock();

  const lane = { job, program, networks };
  const { state, iterations, compileMs } = await laneIterations(context, lane, {
    ...begun,
    ...moments,
  });
  const computeMs = clock() - compileMs;

  let bytes: Uint8Array;
  try {
    const layout = programLayout(program);
    const encoder = context.encoders.for(layout, job.wire);
    putDifference(context, layout, { begun, ended: state }, encoder.gradient);
    const step = job.iteration * program.phases.length;
    const address = { seed: job.seed, step, shard: job.lane };
    bytes = encoder.encode(address, { compress: job.compress });
  } catch (error) {
    tf.dispose(state);
    throw error;
  }
  for (const name of Object.keys(begun)) state[name]?.dispose();
  const key = runKeys.laneState(job.runId, job.averaging, job.lane, job.epoch);
  const saved = await context.lanes.save(job, key, program, momentsOf(program, state));
  const compiled = compileMs > 0 ? { compileMs } : {};
  const timing = { loadMs, ...compiled, computeMs, encodeMs: clock() };
  return { bytes, statistics: {}, timing, lane: { iterations: [...iterations], state: saved } };
}

/** Networks' tensors by the names that they are stored under, such as `D.w1`. */
function weightsByName(networks: NetworkParameters): Tensors {
  return Object.fromEntries(
    Object.entries(networks).flatMap(([network, parameters]) =>
      Object.entries(parameters).map(([name, tensor]) => [`${network}.${name}`, tensor]),
    ),
  );
}

/** Put how the weights have changed into a block of this layout. */
function putDifference(
  { backend: { tf } }: WorkerContext,
  layout: ParameterLayout,
  { begun, ended }: { begun: Tensors; ended: Tensors },
  block: Float32Array,
): void {
  for (const place of layout.tensors) {
    const change = tf.sub(ended[place.name] as Tensor, begun[place.name] as Tensor);
    tensorView(block, place).set(takeValues(change));
  }
}
