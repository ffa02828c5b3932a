import type { Tensor } from '@tensorflow/tfjs-core';
import type { IterationTask } from '../../backend/iteration-computer.ts';
import { inputName } from '../../backend/train-iteration.ts';
import { adamRate } from '../../numeric/adam.ts';
import { phaseMetrics } from '../../program/metrics.ts';
import type { NetworkParameters, PhaseSpec, Program } from '../../program/program.ts';
import type { LocalJob, Success } from '../../wire/messages.ts';
import { checkLosses } from './check-losses.ts';
import type { WorkerContext } from './context.ts';
import { requireTime } from './lane-time.ts';
import { drawArrays, shardOfLane, toInputs } from './phase-inputs.ts';

type Tensors = Readonly<Record<string, Tensor>>;
type IterationMetrics = NonNullable<Success['lane']>['iterations'][number];

/** A lane that is trained. */
export interface Lane {
  readonly job: LocalJob;
  readonly program: Program;
  /** The networks that it begins with, as variables. */
  readonly networks: NetworkParameters;
}

/** A lane after all iterations of its job. */
export interface TrainedLane {
  /** Weights and moments. The caller disposes of them. */
  readonly state: Tensors;
  readonly iterations: readonly IterationMetrics[];
  /** What compiling took of it, in milliseconds. */
  readonly compileMs: number;
}

/**
 * Perform all iterations of a lane's job.
 *
 * @param begun weights and moments; they stay the caller's
 * @throws LaneTooLongError when the worker's time is too short
 */
export async function laneIterations(
  context: WorkerContext,
  lane: Lane,
  begun: Tensors,
): Promise<TrainedLane> {
  const { tf } = context.backend;
  const { job } = lane;
  const task = taskOf(context, lane);
  const iterations: IterationMetrics[] = [];
  let compileMs = 0;
  let state = begun;
  const leave = (next: Tensors): void => {
    if (state !== begun) tf.dispose(state);
    state = next;
  };
  try {
    for (let i = 0; i < job.iterations; i++) {
      const startedAt = performance.now();
      const done = await trainOnce(context, lane, task, job.iteration + i, state);
      leave(done.state);
      iterations.push(done.metrics);
      compileMs += done.compileMs;
      const each = performance.now() - startedAt - done.compileMs;
      requireTime(job, job.iterations - i - 1, each, context.remainingMs);
    }
    return { state, iterations, compileMs };
  } catch (error) {
    leave(begun);
    throw error;
  }
}

function taskOf(context: WorkerContext, { job, program, networks }: Lane): IterationTask {
  const { learningRate: _, ...adam } = job.adam;
  return {
    key: JSON.stringify(job.program),
    program,
    adam,
    checkLosses: () => checkLosses(context, job, program, networks),
  };
}

/** One iteration: its inputs are drawn, and disposed of again. */
async function trainOnce(
  context: WorkerContext,
  { job, program }: Lane,
  task: IterationTask,
  iteration: number,
  state: Tensors,
): Promise<{ state: Tensors; metrics: IterationMetrics; compileMs: number }> {
  const { tf } = context.backend;
  const inputs: Record<string, Tensor> = {};
  try {
    for (const [i, phase] of program.phases.entries()) {
      const at = shardOfLane(job, program, iteration, i);
      const drawn = await drawArrays(context.datasets, at, program, phase);
      for (const [name, tensor] of Object.entries(toInputs(tf, program, drawn))) {
        if (tensor) inputs[inputName(name, i)] = tensor;
      }
      const rate = adamRate(job.adam, updatesAt(program, iteration, i));
      inputs[inputName('rate', i)] = tf.scalar(rate);
    }
    const given = { ...state, ...inputs };
    const result = await context.iterations.compute(job.gradients, task, given);
    const told = program.phases.map((phase, i) => named(phase, result.statistics[i]));
    const metrics: IterationMetrics = Object.assign({}, ...told);
    return { state: result.state, metrics, compileMs: result.compileMs };
  } finally {
    tf.dispose(inputs);
  }
}

/**
 * The number of an update, from 1: how often the phase's network will have been updated with it.
 */
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
