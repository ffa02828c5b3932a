import type { Tensor } from '@tensorflow/tfjs-core';
import { takeValues } from '../../backend/gradient.ts';
import { inputName } from '../../backend/train-iteration.ts';
import { adamRate } from '../../numeric/adam.ts';
import { tensorView } from '../../numeric/parameter-block.ts';
import { phaseMetrics } from '../../program/metrics.ts';
import { programLayout } from '../../program/network.ts';
import type { NetworkParameters, PhaseSpec, Program } from '../../program/program.ts';
import { encodeGradient } from '../../wire/gradient.ts';
import type { LocalJob, Success } from '../../wire/messages.ts';
import { runKeys } from '../record/keys.ts';
import type { JobResult, WorkerContext } from './context.ts';
import { momentsOf } from './lane-states.ts';
import { loadNetworks } from './networks.ts';
import { drawArrays, toInputs } from './phase-inputs.ts';
import { stopwatch } from './stopwatch.ts';

type Tensors = Readonly<Record<string, Tensor>>;
type IterationMetrics = NonNullable<Success['lane']>['iterations'][number];

/**
 * Train a lane by itself: whole iterations with exactly the noise and real examples that its shard
 * would have had in their steps. The answer holds the difference of all networks' weights to those
 * that it began with.
 */
export async function trainLane(context: WorkerContext, job: LocalJob): Promise<JobResult> {
  const clock = stopwatch();
  const program = context.programs.create(job.program);
  const begun = weightsByName(await loadNetworks(context, job, program));
  const moments = await context.lanes.load(job, program);
  const loadMs = clock();

  const { state, iterations } = await trainAll(context, job, program, { ...begun, ...moments });
  const computeMs = clock();

  const bytes = encodeGradient(
    programLayout(program),
    differenceOf(context, program, state, begun),
    job.wire,
  );
  const key = runKeys.laneState(job.runId, job.averaging, job.lane, job.epoch);
  for (const name of Object.keys(begun)) state[name]?.dispose();
  const saved = await context.lanes.save(job, key, program, momentsOf(program, state));
  const timing = { loadMs, computeMs, encodeMs: clock() };
  return { bytes, statistics: {}, timing, lane: { iterations, state: saved } };
}

/** All iterations of the job. @param begun stays the caller's */
async function trainAll(
  context: WorkerContext,
  job: LocalJob,
  program: Program,
  begun: Tensors,
): Promise<{ state: Tensors; iterations: IterationMetrics[] }> {
  const { tf } = context.backend;
  const iterations: IterationMetrics[] = [];
  let state = begun;
  const leave = (next: Tensors): void => {
    if (state !== begun) tf.dispose(state);
    state = next;
  };
  try {
    for (let i = 0; i < job.iterations; i++) {
      const done = await trainOnce(context, job, program, job.iteration + i, state);
      leave(done.state);
      iterations.push(done.metrics);
    }
    return { state, iterations };
  } catch (error) {
    leave(begun);
    throw error;
  }
}

/** One iteration: its inputs are drawn, and disposed of again. */
async function trainOnce(
  context: WorkerContext,
  job: LocalJob,
  program: Program,
  iteration: number,
  state: Tensors,
): Promise<{ state: Tensors; metrics: IterationMetrics }> {
  const { tf } = context.backend;
  const inputs: Record<string, Tensor> = {};
  for (const [i, phase] of program.phases.entries()) {
    const step = iteration * program.phases.length + i;
    const at = { ...job, step, shards: job.lanes, shard: job.lane };
    const drawn = await drawArrays(context.datasets, at, program, phase);
    for (const [name, tensor] of Object.entries(toInputs(tf, program, drawn))) {
      if (tensor) inputs[inputName(name, i)] = tensor;
    }
    inputs[inputName('rate', i)] = tf.scalar(adamRate(job.adam, updatesAt(program, iteration, i)));
  }
  const { learningRate: _, ...adam } = job.adam;
  const task = { key: JSON.stringify(job.program), program, adam };
  const mode = context.backend.name === 'native' ? 'compiled' : 'eager';
  try {
    const result = context.iterations.compute(mode, task, { ...state, ...inputs });
    const told = program.phases.map((phase, i) => named(phase, result.statistics[i]));
    return { state: result.state, metrics: Object.assign({}, ...told) };
  } finally {
    tf.dispose(inputs);
  }
}

/** The number of an update, from 1: how often the phase's network will have been updated with it. */
function updatesAt({ phases }: Program, iteration: number, phase: number): number {
  const isSame = ({ network }: PhaseSpec) => network === phases[phase]?.network;
  const each = phases.filter(isSame).length;
  return iteration * each + phases.slice(0, phase + 1).filter(isSame).length;
}

function named(phase: PhaseSpec, values: Float32Array | undefined): IterationMetrics {
  return Object.fromEntries(
    phaseMetrics(phase).map(({ name }, i) => [name, values?.[i] ?? Number.NaN]),
  );
}

/** Networks' tensors by the names that they are stored under, such as `D.w1`. */
function weightsByName(networks: NetworkParameters): Tensors {
  return Object.fromEntries(
    Object.entries(networks).flatMap(([network, parameters]) =>
      Object.entries(parameters).map(([name, tensor]) => [`${network}.${name}`, tensor]),
    ),
  );
}

/** How the weights have changed, in the layout of all networks. */
function differenceOf(
  { backend: { tf } }: WorkerContext,
  program: Program,
  ended: Tensors,
  begun: Tensors,
): Float32Array {
  const layout = programLayout(program);
  const block = new Float32Array(layout.size);
  for (const place of layout.tensors) {
    const change = tf.sub(ended[place.name] as Tensor, begun[place.name] as Tensor);
    tensorView(block, place).set(takeValues(change));
  }
  return block;
}
