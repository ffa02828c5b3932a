import type { Program } from '../../program/program.ts';
import type { Job, Success } from '../../wire/messages.ts';
import type { CheckpointContents, CheckpointReader } from '../record/checkpoint.ts';
import type { RunConfig } from '../record/config.ts';
import type { InitialParameters } from '../record/initial-weights.ts';
import type { NetworkWeights } from '../record/training-state.ts';
import type { Quorum } from './job-rounds.ts';
import type { PublishedWeights } from './publisher.ts';

/** Values by metric name. */
export type Metrics = Readonly<Record<string, number>>;

/** What all jobs of one coordinator have in common. */
export interface JobOrigin {
  readonly config: RunConfig;
  readonly program: Program;
  /** Of a program file: see `LoadedRun.bundle`. */
  readonly bundle?: Uint8Array | undefined;
  readonly epoch: number;
  /** The queue that workers answer on. */
  readonly replyTo: string;
  /** See `CoordinatorContext.compress`. */
  readonly compress?: boolean;
}

/** Jobs that are sent together, and what is made of their answers. */
export interface Round {
  /** The first step that it performs. */
  readonly step: number;
  /** What reports call it: the phase's name, such as `D`. */
  readonly phase: string;
  /** When the round may end without all of its answers. Default: never. */
  readonly quorum?: Quorum | undefined;
  /** One job per shard or lane, in the order of their indices. */
  jobs(weights: Readonly<Record<string, PublishedWeights>>): readonly Job[];
  /** Take the first answer to a job. @throws DivergedError, or what else ends the run */
  accept(index: number, success: Success, bytes: Uint8Array): void;
  /**
   * All answers have been taken: make the next state.
   *
   * @param missing indices of the jobs that a quorum left out
   */
  finish(missing: readonly number[]): RoundResult;
}

/** The outcome of a round, beside the state that it made. */
export interface RoundResult {
  /** The metrics of each of its iterations, in their order. */
  readonly metrics: readonly Metrics[];
  /** Keys of objects that no job and no checkpoint needs any more. Default: none. */
  readonly obsolete?: readonly string[];
}

/** The rounds between two moments at which the run may stop. */
export interface Stretch {
  /** Whole iterations, at least one. */
  readonly iterations: number;
  /** Performed one after another. Each begins at the weights that the one before made. */
  readonly rounds: readonly Round[];
}

/**
 * How workers' answers become the next state of a run: which jobs a round has, what is averaged,
 * and which state is kept for it. An implementation has a file of its own and a line in
 * `aggregations.ts`.
 */
export interface Aggregation {
  /** Every network's weights as they are now: what is published and stored. */
  readonly networks: ReadonlyMap<string, NetworkWeights>;
  /** An average of the generator's weights, where the run keeps one: images are drawn with it. */
  readonly average?: NetworkWeights;
  /** The rounds that come after `iteration` complete iterations. */
  next(iteration: number): Stretch;
  /** What a checkpoint has to hold, so that training continues from it bit for bit. */
  contents(): CheckpointContents;
}

/**
 * Makes an aggregation: from a checkpoint; if there is none, from the parameters that the run is given,
 * and for networks without such from the seed.
 */
export type AggregationFactory = (
  origin: JobOrigin,
  checkpoint: CheckpointReader | undefined,
  initial?: InitialParameters,
) => Promise<Aggregation>;
