import { adamStep } from '../../../numeric/adam.ts';
import { GradientSum, NonFiniteError } from '../../../numeric/gradient-sum.ts';
import type { ParameterLayout } from '../../../numeric/parameter-block.ts';
import { shardSizes } from '../../../numeric/shards.ts';
import type { PhaseSpec } from '../../../program/program.ts';
import { gradientSummand } from '../../../wire/gradient.ts';
import type { GradientJob, Success } from '../../../wire/messages.ts';
import { DivergedError } from '../../errors.ts';
import { networkState, type TrainingState, withAdam } from '../../record/training-state.ts';
import type { JobOrigin, Round, RoundResult } from '../aggregation.ts';
import { changesOf, jobBase } from '../job-base.ts';
import type { Quorum } from '../job-rounds.ts';
import type { PublishedWeights } from '../publisher.ts';
import { PhaseStatistics } from '../statistics.ts';

/** The state that a step begins with, and where the state after it goes. */
export interface StepState {
  /** Where to sum: as long as the phase's network. */
  readonly sum: Float64Array;
  state(): TrainingState;
  apply(state: TrainingState): void;
}

/**
 * One step: one gradient job per shard; the gradients are summed in shard order as they come in,
 * and Adam is applied to the phase's network. Its arrays are changed in place. No others change.
 */
export class StepRound implements Round {
  readonly step: number;
  readonly phase: string;
  readonly #origin: JobOrigin;
  readonly #spec: PhaseSpec;
  readonly #phaseIndex: number;
  readonly #state: StepState;
  readonly #layout: ParameterLayout;
  readonly #statistics: PhaseStatistics;
  /** Made at the first answer: until then the step before uses the memory of the sum. */
  #gradients: GradientSum | undefined;

  constructor(origin: JobOrigin, step: number, state: StepState) {
    const { phases } = origin.program;
    this.step = step;
    this.#origin = origin;
    this.#phaseIndex = step % phases.length;
    this.#spec = phases[this.#phaseIndex] as PhaseSpec;
    this.phase = this.#spec.name;
    this.#state = state;
    this.#layout = networkState(state.state(), this.#spec.network).layout;
    this.#statistics = new PhaseStatistics(this.#spec, shardSizes(origin.config));
  }

  get quorum(): Quorum | undefined {
    const { quorum, quorumAfterMs } = this.#origin.config;
    return quorum === null ? undefined : { count: quorum, afterMs: quorumAfterMs };
  }

  jobs(weights: Readonly<Record<string, PublishedWeights>>): GradientJob[] {
    const { config } = this.#origin;
    return Array.from({ length: config.shards }, (_, shard) => ({
      ...jobBase(this.#origin),
      kind: 'gradient',
      weights,
      step: this.step,
      phase: this.#phaseIndex,
      shard,
      shards: config.shards,
      batch: config.batch,
      dataset: config.dataset,
      wire: config.wire,
      gradients: config.gradients,
      ...changesOf(this.#origin),
    }));
  }

  accept(shard: number, { statistics }: Success, bytes: Uint8Array): void {
    this.#statistics.set(shard, statistics);
    const source = `The gradient of step ${this.step} on shard ${shard}`;
    const summand = gradientSummand(this.#layout, bytes, source);
    this.#summing((gradients) => gradients.add(shard, summand));
  }

  finish(missing: readonly number[]): RoundResult {
    const { network } = this.#spec;
    if (missing.length > 0) this.#summing((gradients) => gradients.leaveOutMissing());
    const state = this.#state.state();
    const { adam } = networkState(state, network);
    const { sum, examples } = this.#sum();
    this.#state.apply(withAdam(state, network, adamStep(adam, sum, examples, this.#origin.config)));
    return { metrics: [this.#statistics.combine()] };
  }

  #sum(): GradientSum {
    this.#gradients ??= new GradientSum(this.#state.sum, shardSizes(this.#origin.config));
    return this.#gradients;
  }

  /** Sum gradients. The error for a value that is not finite names step, shard and network. */
  #summing(act: (gradients: GradientSum) => void): void {
    try {
      act(this.#sum());
    } catch (cause) {
      if (!(cause instanceof NonFiniteError)) throw cause;
      const { network } = this.#spec;
      throw new DivergedError(
        `The gradient of step ${this.step} on shard ${cause.shard}, network ${network},`,
        cause,
      );
    }
  }
}
