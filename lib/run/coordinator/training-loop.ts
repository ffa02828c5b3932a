import type { Queue } from '../../queue/queue.ts';
import type { IterationReport, StepReport } from '../events.ts';
import { CheckpointReader, writeCheckpoint } from '../record/checkpoint.ts';
import type { RunConfig } from '../record/config.ts';
import type { BilledTime, Head, Limits, RunStatus } from '../record/head.ts';
import { readInitialParameters } from '../record/initial-weights.ts';
import { runKeys } from '../record/keys.ts';
import type { Aggregation, JobOrigin, Metrics, Stretch } from './aggregation.ts';
import { aggregationOf } from './aggregations.ts';
import { removeOldCheckpoints } from './checkpoint-retention.ts';
import type { CoordinatorContext } from './context.ts';
import type { Fleet } from './fleet.ts';
import { makeGenerator, storeGenerator } from './generator-file.ts';
import { JobRounds } from './job-rounds.ts';
import { removeOldLanes } from './lane-retention.ts';
import type { Lease } from './lease.ts';
import type { LoadedRun } from './loaded-run.ts';
import { performRound, type RoundContext } from './perform-round.ts';
import type { WeightsPublisher } from './publisher.ts';
import { drawSample } from './sample.ts';
import { scoreGenerator } from './score.ts';
import { isTraced } from './trace-job.ts';

/** What one coordinator has for itself. */
export interface LoopParts {
  readonly publisher: WeightsPublisher;
  readonly replies: Queue;
  readonly fleet: Fleet;
}

/**
 * One coordinator's work on one run, under one lease: iterations from the last checkpoint to the
 * end.
 */
export class TrainingLoop {
  readonly #context: CoordinatorContext;
  readonly #config: RunConfig;
  readonly #lease: Lease;
  readonly #origin: JobOrigin;
  readonly #round: RoundContext;
  readonly #startedAt: number;
  /** The head when the lease was taken. */
  readonly #before: Head;
  #iteration = 0;

  constructor(
    context: CoordinatorContext,
    run: LoadedRun,
    lease: Lease,
    { publisher, replies, fleet }: LoopParts,
  ) {
    this.#context = context;
    this.#config = run.config;
    this.#lease = lease;
    const heartbeat = async () => {
      context.assertHealthy();
      await fleet.tend();
      await lease.renewIfDue(() => this.#progress());
    };
    this.#startedAt = context.clock.now();
    this.#before = lease.head;
    const { compress = false } = context;
    this.#origin = { ...run, epoch: lease.epoch, replyTo: replies.name, compress };
    this.#round = {
      publisher,
      clock: context.clock,
      rounds: new JobRounds({
        removedAtOnce: 1,
        ...context,
        jobs: fleet.jobs,
        replies,
        heartbeat,
      }),
    };
  }

  async run(): Promise<RunStatus> {
    const { events } = this.#context;
    const { iterations, sampleEvery, checkpointEvery } = this.#config;
    const aggregation = await this.#restore();
    await events.emit('started', {
      config: this.#config,
      iteration: this.#iteration,
      epoch: this.#lease.epoch,
    });
    while (this.#iteration < iterations) {
      const before = this.#iteration;
      const reports = await this.#performStretch(aggregation);
      for (const report of await this.#scored(aggregation, reports)) {
        this.#iteration = report.iteration + 1;
        await events.emit('iteration', report);
      }
      const end = this.#iteration === iterations;
      if (end || isDue(sampleEvery, before, this.#iteration)) await this.#sample(aggregation);
      if (end) break;
      const ending = this.#ending();
      if (ending) return this.#end(aggregation, ending.status, ending.reason);
      if (isDue(checkpointEvery, before, this.#iteration)) {
        await this.#lease.update(await this.#checkpoint(aggregation));
        await this.#removeOldCheckpoints();
      }
    }
    return this.#end(aggregation, 'finished');
  }

  async #restore(): Promise<Aggregation> {
    const { checkpoint } = this.#lease.head;
    this.#iteration = checkpoint?.iteration ?? 0;
    const { store } = this.#context;
    const { runId, initial } = this.#config;
    const create = aggregationOf(this.#config, this.#context.aggregations);
    if (checkpoint) {
      return create(this.#origin, await CheckpointReader.open(store, runId, checkpoint));
    }
    const { program } = this.#origin;
    const given = await readInitialParameters(store, runId, initial, program);
    return create(this.#origin, undefined, given);
  }

  /** Perform the rounds up to the next moment at which the run may stop. */
  async #performStretch(aggregation: Aggregation): Promise<IterationReport[]> {
    const { clock } = this.#context;
    const startedAt = clock.now();
    const stretch = aggregation.next(this.#iteration);
    const metrics: Metrics[] = Array.from({ length: stretch.iterations }, () => ({}));
    const steps: StepReport[] = [];
    const { phases } = this.#origin.program;
    const traced = isTraced(this.#config, phases.length, this.#iteration);
    for (const round of stretch.rounds) {
      const performed = await performRound(this.#round, aggregation.networks, round, traced);
      performed.metrics.forEach((told, i) => {
        metrics[i] = { ...metrics[i], ...told };
      });
      steps.push(performed.report);
    }
    return this.#reports(stretch, metrics, steps, clock.now() - startedAt);
  }

  /** The reports of a stretch. The first one has the timing of all rounds. */
  #reports(
    { iterations }: Stretch,
    metrics: readonly Metrics[],
    steps: readonly StepReport[],
    ms: number,
  ): IterationReport[] {
    return metrics.map((told, i) => ({
      iteration: this.#iteration + i,
      epoch: this.#lease.epoch,
      metrics: told,
      ms: ms / iterations,
      steps: i === 0 ? steps : [],
    }));
  }

  /** Add the generator's scores, if they are due, to the metrics of the last iteration. */
  async #scored(
    aggregation: Aggregation,
    reports: readonly IterationReport[],
  ): Promise<readonly IterationReport[]> {
    const { scoreEvery, iterations } = this.#config;
    const now = this.#iteration + reports.length;
    const isWanted = isDue(scoreEvery, this.#iteration, now) || now === iterations;
    const last = reports.at(-1);
    if (scoreEvery === 0 || !isWanted || !last) return reports;
    const { store } = this.#context;
    const scores = await scoreGenerator(store, this.#origin, this.#round, aggregation, now);
    return [...reports.slice(0, -1), { ...last, metrics: { ...last.metrics, ...scores } }];
  }

  async #sample(aggregation: Aggregation): Promise<void> {
    const sample = await drawSample(this.#origin, this.#round, aggregation, this.#iteration);
    await this.#context.events.emit('sample', sample);
  }

  /** The status that the run has to end with now. Undefined: it continues. */
  #ending(): { status: RunStatus; reason?: string } | undefined {
    const { handOver, shouldStop } = this.#context;
    if (this.#lease.head.cancelRequested) return { status: 'cancelled' };
    if (shouldStop()) return { status: 'stopped' };
    const reason = limitReached(this.#lease.head.limits, this.#progress());
    if (reason) return { status: 'stopped', reason };
    return handOver?.isDue() ? { status: 'running' } : undefined;
  }

  /** How far the run has come, for its head. */
  #progress(): Pick<Head, 'iteration' | 'trainedMs' | 'cost' | 'billed'> {
    const { clock, cost = () => 0, billed } = this.#context;
    return {
      iteration: this.#iteration,
      trainedMs: this.#before.trainedMs + clock.now() - this.#startedAt,
      cost: this.#before.cost + cost(),
      ...(billed && { billed: addBilled(billed(), this.#before.billed) }),
    };
  }

  async #end(aggregation: Aggregation, status: RunStatus, reason?: string): Promise<RunStatus> {
    const change = await this.#checkpoint(aggregation);
    // Named at once, because what follows may fail. Not at a run's end: its sample grid would be
    // lost.
    if (status !== 'finished') await this.#lease.update(change);
    if (status !== 'running') await this.#storeGenerator(aggregation);
    await this.#round.publisher.clear();
    if (status === 'running') await this.#context.handOver?.start();
    await this.#lease.release({ ...change, status, ...(reason ? { reason } : {}) });
    await this.#removeOldCheckpoints();
    await this.#context.events.emit('ended', { status, iteration: this.#iteration });
    return status;
  }

  /** Store the current generator, unless the stored one has a later iteration. */
  async #storeGenerator(aggregation: Aggregation): Promise<void> {
    const iteration = this.#iteration;
    const generator = await makeGenerator(this.#origin, this.#round, aggregation, iteration);
    const key = runKeys.generator(this.#config.runId);
    await storeGenerator(
      this.#context.store,
      key,
      generator,
      (there) => there.iteration > iteration,
    );
  }

  /** @returns the change of the head that makes the checkpoint count */
  async #checkpoint(aggregation: Aggregation): Promise<Partial<Head>> {
    const { store, events } = this.#context;
    const reference = { iteration: this.#iteration, epoch: this.#lease.epoch };
    await events.emit('beforeCheckpoint', { iteration: this.#iteration });
    const contents = aggregation.contents();
    const prefix = await writeCheckpoint(store, this.#config.runId, reference, contents);
    await events.emit('checkpoint', { iteration: this.#iteration, prefix });
    return { ...this.#progress(), checkpoint: reference };
  }

  async #removeOldCheckpoints(): Promise<void> {
    const { checkpoint } = this.#lease.head;
    if (!checkpoint) return;
    const { store } = this.#context;
    const { runId, localIterations } = this.#config;
    const kept = await removeOldCheckpoints(store, runId, checkpoint);
    if (localIterations > 0) await removeOldLanes(store, runId, kept, this.#lease.epoch);
  }
}

/** The limit that a run has reached, as part of a sentence. */
function limitReached(
  { minutes, cost }: Limits,
  progress: { readonly trainedMs: number; readonly cost: number },
): string | undefined {
  if (minutes !== null && progress.trainedMs >= minutes * 60_000) {
    return `it has trained for ${minutes} minutes, its limit`;
  }
  if (cost !== null && progress.cost >= cost) return `it has cost $${cost}, its limit`;
  return undefined;
}

function addBilled(now: BilledTime, before?: BilledTime): BilledTime {
  return {
    coordinatorMs: now.coordinatorMs + (before?.coordinatorMs ?? 0),
    workersMs: now.workersMs + (before?.workersMs ?? 0),
    residentsMs: now.residentsMs + (before?.residentsMs ?? 0),
  };
}

/** Whether a multiple of `every` lies after `before` complete iterations and not after `now`. */
function isDue(every: number, before: number, now: number): boolean {
  return every > 0 && Math.floor(now / every) > Math.floor(before / every);
}
