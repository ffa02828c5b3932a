import type { Backend } from '../../backend/backend.ts';
import { GradientComputer } from '../../backend/gradient-computer.ts';
import { IterationComputer } from '../../backend/iteration-computer.ts';
import { DatasetCache } from '../../data/dataset.ts';
import type { ProgramSource } from '../../program/program-source.ts';
import type { Store } from '../../store/store.ts';
import type { Success } from '../../wire/messages.ts';
import { Encoders } from './encoders.ts';
import { InputsAhead } from './inputs-ahead.ts';
import { LaneStates } from './lane-states.ts';
import { WeightsCache } from './weights-cache.ts';

/** What a worker keeps warm from job to job. */
export interface WorkerContext {
  readonly store: Store;
  readonly backend: Backend;
  readonly programs: ProgramSource;
  readonly weights: WeightsCache;
  readonly datasets: DatasetCache;
  readonly inputs: InputsAhead;
  readonly encoders: Encoders;
  readonly gradients: GradientComputer;
  readonly iterations: IterationComputer;
  readonly lanes: LaneStates;
  /** A reply's bytes travel in its message up to this size, otherwise as an object. */
  readonly maxInlineBytes: number;
  /**
   * Milliseconds that the worker has left for its current job. Default: its time is not limited.
   */
  readonly remainingMs?: () => number;
  /** What its answers say who it is. Default: nothing, because nobody asks. */
  readonly name?: string;
  /** Which worker it is, for jobs that ask: no two that are alive have the same. */
  readonly id: string;
}

/** The result of a job: what its answer tells, and the bytes that it carries. */
export type JobResult = Pick<Success, 'statistics' | 'timing' | 'lane' | 'trace'> & {
  /** Valid until the next job. */
  readonly bytes: Uint8Array;
};

/** What a worker is made of. */
export type WorkerParts = Pick<
  WorkerContext,
  'store' | 'backend' | 'programs' | 'maxInlineBytes'
> & {
  /** Default: the process. */
  readonly id?: string | undefined;
};

/** A cold worker: its caches are empty. */
export function createWorker(parts: WorkerParts): WorkerContext {
  const { store, backend, id = `process ${process.pid}` } = parts;
  return {
    ...parts,
    id,
    weights: new WeightsCache(store, backend),
    datasets: new DatasetCache(store),
    inputs: new InputsAhead(),
    encoders: new Encoders(),
    gradients: new GradientComputer(backend),
    iterations: new IterationComputer(backend),
    lanes: new LaneStates(store, backend),
  };
}
