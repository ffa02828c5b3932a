import { adamStep } from '../../numeric/adam.ts';
import { GradientSum, NonFiniteError, type Summand } from '../../numeric/gradient-sum.ts';
import { shardRange } from '../../numeric/shards.ts';
import type { PhaseSpec, Program, Reduction } from '../../program/program.ts';
import { gradientSummand } from '../../wire/gradient.ts';
import { type GradientJob, MESSAGE_FORMAT, workMs } from '../../wire/messages.ts';
import type { Clock } from '../clock.ts';
import type { StepReport } from '../events.ts';
import type { RunConfig } from '../record/config.ts';
import { networkState, type TrainingState, withAdam } from '../record/training-state.ts';
import type { PublishedWeights, WeightsPublisher } from './publisher.ts';
import { JobFailedError, type JobRounds, type Quorum } from './rounds.ts';

/** What a coordinator's steps have in common. */
export interface StepContext {
  readonly config: RunConfig;
  readonly program: Program;
  readonly epoch: number;
  readonly publisher: WeightsPublisher;
  readonly rounds: JobRounds;
  readonly scratch: StepScratch;
  /** The queue that workers answer on. */
  readonly replyTo: string;
  readonly clock: Clock;
}

/** Sums that steps use again and again, by the number of parameters of a network. */
export class StepScratch {
  readonly #sums = new Map<number, Float64Array>();

  sum(size: number): Float64Array {
    const sum = this.#sums.get(size) ?? new Float64Array(size);
    this.#sums.set(size, sum);
    return sum;
  }
}

/** A step as it was applied: the state after it, and what is told of it. */
export interface StepOutcome {
  readonly state: TrainingState;
  readonly metrics: Readonly<Record<string, number>>;
  readonly report: StepReport;
}

/**
 * One step: publish the network that the step before changed, send a job a shard, sum the gradients
 * in shard order as they come in, and apply Adam to the phase's network. The arrays of that network
 * are changed in place; all others stay as they are.
 */
export async function performStep(
  context: StepContext,
  state: TrainingState,
  iteration: number,
  phaseIndex: number,
): Promise<StepOutcome> {
  const { config, program, clock, publisher, scratch } = context;
  const phase = program.phases[phaseIndex] as PhaseSpec;
  const step = iteration * program.phases.length + phaseIndex;
  const { layout, adam } = networkState(state, phase.network);
  const sizes = shardSizes(config);
  const startedAt = clock.now();

  const weights = await publisher.publish(state);
  const jobs = gradientJobs(context, step, phaseIndex, weights);
  const publishMs = clock.now() - startedAt;

  const gradients = new GradientSum(scratch.sum(layout.size), sizes);
  const statistics = new PhaseStatistics(phase, sizes);
  let computeMs = 0;
  let compileMs = 0;
  let applyMs = 0;
  const pruned = publisher.prune();
  const { dispatchMs, missing } = await context.rounds.perform(
    jobs,
    (shard, { timing, ...success }, bytes) => {
      const acceptedAt = clock.now();
      statistics.set(shard, success.statistics);
      const source = `The gradient of step ${step} on shard ${shard}`;
      const summand = gradientSummand(layout, bytes, source);
      addGradient(gradients, shard, summand, step, phase);
      computeMs = Math.max(computeMs, workMs(timing));
      compileMs = Math.max(compileMs, timing.compileMs ?? 0);
      applyMs += clock.now() - acceptedAt;
    },
    quorumOf(config),
  );
  await pruned;
  const collectedAt = clock.now();
  const collectMs = collectedAt - startedAt - publishMs - dispatchMs - applyMs;

  if (missing.length > 0) leaveOutMissing(gradients, step, phase);
  const next = adamStep(adam, gradients.sum, gradients.examples, config);
  applyMs += clock.now() - collectedAt;
  const timing = { publishMs, dispatchMs, computeMs, compileMs, collectMs, applyMs };
  return {
    state: withAdam(state, phase.network, next),
    metrics: statistics.combine(),
    report: {
      step,
      phase: phase.name,
      timing,
      ...(missing.length > 0 ? { missing: missing.length } : {}),
    },
  };
}

function shardSizes({ batch, shards }: RunConfig): number[] {
  return Array.from({ length: shards }, (_, shard) => shardRange(batch, shards, shard).size);
}

function gradientJobs(
  { config, epoch, replyTo }: StepContext,
  step: number,
  phase: number,
  weights: Record<string, PublishedWeights>,
): GradientJob[] {
  return Array.from({ length: config.shards }, (_, shard) => ({
    format: MESSAGE_FORMAT,
    kind: 'gradient',
    runId: config.runId,
    epoch,
    attempt: 1,
    seed: config.seed,
    program: config.program,
    weights,
    replyTo,
    step,
    phase,
    shard,
    shards: config.shards,
    batch: config.batch,
    dataset: config.dataset,
    wire: config.wire,
    gradients: config.gradients,
  }));
}

function quorumOf({ quorum, quorumAfterMs }: RunConfig): Quorum | undefined {
  return quorum === null ? undefined : { count: quorum, afterMs: quorumAfterMs };
}

function addGradient(
  gradients: GradientSum,
  shard: number,
  summand: Summand,
  step: number,
  phase: PhaseSpec,
): void {
  naming(step, phase, () => gradients.add(shard, summand));
}

function leaveOutMissing(gradients: GradientSum, step: number, phase: PhaseSpec): void {
  naming(step, phase, () => gradients.leaveOutMissing());
}

/** Sum gradients; the error of one that is not finite names step and network. */
function naming(step: number, phase: PhaseSpec, sum: () => void): void {
  try {
    sum();
  } catch (cause) {
    if (!(cause instanceof NonFiniteError)) throw cause;
    throw nonFiniteGradient(step, cause.shard, phase.network, cause);
  }
}

/** The error that ends a run whose training has left the range of numbers. */
function nonFiniteGradient(
  step: number,
  shard: number,
  network: string,
  cause?: unknown,
): JobFailedError {
  return new JobFailedError(
    `The gradient of step ${step} on shard ${shard}, network ${network}, is not finite`,
    { cause, hint: 'Training diverged: try a lower --learning-rate. The last checkpoint is kept.' },
  );
}

/** The shards' losses and statistics, combined in shard order. */
class PhaseStatistics {
  readonly #reductions: readonly { readonly name: string; readonly reduction: Reduction }[];
  readonly #sizes: readonly number[];
  readonly #byShard: (Readonly<Record<string, number>> | undefined)[] = [];

  constructor(phase: PhaseSpec, sizes: readonly number[]) {
    this.#reductions = [{ name: phase.lossName, reduction: 'mean' }, ...phase.statistics];
    this.#sizes = sizes;
  }

  set(shard: number, statistics: Readonly<Record<string, number>>): void {
    this.#byShard[shard] = statistics;
  }

  /** Over the shards that are in. */
  combine(): Record<string, number> {
    const shards = this.#byShard.flatMap((statistics, i) =>
      statistics ? { statistics, size: this.#sizes[i] ?? 0 } : [],
    );
    const examples = shards.reduce((sum, { size }) => sum + size, 0);
    return Object.fromEntries(
      this.#reductions.map(({ name, reduction }) => {
        const value = ({ statistics }: (typeof shards)[0]) => statistics[name] ?? Number.NaN;
        const combined =
          reduction === 'max'
            ? Math.max(...shards.map(value))
            : shards.reduce((sum, shard) => sum + value(shard) * shard.size, 0) / examples;
        return [name, combined];
      }),
    );
  }
}
