import { GradientSum, NonFiniteError } from '../../../numeric/gradient-sum.ts';
import { shardSizes } from '../../../numeric/shards.ts';
import { programLayout } from '../../../program/network.ts';
import { gradientSummand } from '../../../wire/gradient.ts';
import type { LocalJob, ObjectReference, Success } from '../../../wire/messages.ts';
import { DivergedError, JobFailedError } from '../../errors.ts';
import { runKeys } from '../../record/keys.ts';
import type { NetworkWeights } from '../../record/training-state.ts';
import type { JobOrigin, Metrics, Round, RoundResult } from '../aggregation.ts';
import { changesOf, jobBase } from '../job-base.ts';
import type { PublishedWeights } from '../publisher.ts';
import { PhaseStatistics } from '../statistics.ts';

/** The iterations of a round. */
export interface RoundSpan {
  readonly iteration: number;
  readonly iterations: number;
}

/** The state that a round begins with, and where the state after it goes. */
export interface LanesState {
  /** Where to sum: as long as all networks together. */
  readonly sum: Float64Array;
  readonly networks: ReadonlyMap<string, NetworkWeights>;
  readonly lanes: readonly ObjectReference[] | undefined;
  /** @returns keys of objects that are not needed any more */
  apply(
    networks: ReadonlyMap<string, NetworkWeights>,
    lanes: readonly ObjectReference[],
  ): readonly string[];
}

/**
 * One averaging: one job per lane, which trains several iterations by itself. Each lane answers how
 * its weights have changed. The changes are summed in lane order, and their mean is added.
 */
export class LanesRound implements Round {
  readonly step: number;
  readonly phase = 'local';
  readonly #origin: JobOrigin;
  readonly #span: RoundSpan;
  readonly #state: LanesState;
  readonly #statistics: readonly (readonly PhaseStatistics[])[];
  readonly #lanes: ObjectReference[] = [];
  #differences: GradientSum | undefined;

  constructor(origin: JobOrigin, span: RoundSpan, state: LanesState) {
    const { program, config } = origin;
    this.#origin = origin;
    this.#span = span;
    this.#state = state;
    this.step = span.iteration * program.phases.length;
    const sizes = shardSizes(config);
    this.#statistics = Array.from({ length: span.iterations }, () =>
      program.phases.map((phase) => new PhaseStatistics(phase, sizes)),
    );
  }

  jobs(weights: Readonly<Record<string, PublishedWeights>>): LocalJob[] {
    const { config } = this.#origin;
    const { learningRate, beta1, beta2, epsilon } = config;
    return Array.from({ length: config.shards }, (_, lane) => ({
      ...jobBase(this.#origin),
      kind: 'local',
      weights,
      ...this.#span,
      averaging: this.#averaging,
      lane,
      lanes: config.shards,
      batch: config.batch,
      dataset: config.dataset,
      wire: config.wire,
      gradients: config.gradients,
      ...changesOf(this.#origin),
      adam: { learningRate, beta1, beta2, epsilon },
      state: this.#state.lanes?.[lane] ?? null,
    }));
  }

  accept(lane: number, success: Success, bytes: Uint8Array): void {
    const { program } = this.#origin;
    const told = this.#requireTold(lane, success);
    told.iterations.forEach((metrics, i) => {
      for (const statistics of this.#statistics[i] ?? []) statistics.set(lane, metrics);
    });
    this.#lanes[lane] = told.state;
    const source = `The difference of lane ${lane} from iteration ${this.#span.iteration} on`;
    const summand = gradientSummand(programLayout(program), bytes, source);
    try {
      this.#sum().add(lane, summand);
    } catch (cause) {
      if (!(cause instanceof NonFiniteError)) throw cause;
      const { iteration, iterations } = this.#span;
      throw new DivergedError(
        `What lane ${cause.shard} trained in iterations ${iteration} to ${iteration + iterations - 1}`,
        cause,
      );
    }
  }

  finish(): RoundResult {
    const { sum, examples } = this.#sum();
    const networks = new Map<string, NetworkWeights>();
    let offset = 0;
    for (const [name, { layout, parameters, version }] of this.#state.networks) {
      for (let i = 0; i < layout.size; i++) {
        parameters[i] = (parameters[i] as number) + (sum[offset + i] as number) / examples;
      }
      offset += layout.size;
      networks.set(name, { layout, parameters, version: version + this.#updatesOf(name) });
    }
    const obsolete = this.#state.apply(networks, this.#lanes);
    const metrics = this.#statistics.map(
      (phases): Metrics => Object.assign({}, ...phases.map((phase) => phase.combine())),
    );
    return { metrics, obsolete };
  }

  /** How many averagings were before this one. */
  get #averaging(): number {
    return this.#span.iteration / this.#origin.config.localIterations;
  }

  #updatesOf(network: string): number {
    const { phases } = this.#origin.program;
    return this.#span.iterations * phases.filter((phase) => phase.network === network).length;
  }

  #sum(): GradientSum {
    this.#differences ??= new GradientSum(this.#state.sum, shardSizes(this.#origin.config));
    return this.#differences;
  }

  /**
   * The part of the answer that only lanes have.
   *
   * @throws JobFailedError when it is missing or wrong
   */
  #requireTold(lane: number, { lane: told, runId, epoch }: Success) {
    const key = runKeys.laneState(runId, this.#averaging, lane, epoch);
    if (told?.state.key === key && told.iterations.length === this.#span.iterations) return told;
    throw new JobFailedError(
      `The answer of lane ${lane} does not tell of iterations ${this.#span.iteration} on and of ${key}`,
      { hint: 'Run workers of the same version as the coordinator.' },
    );
  }
}
