import type { Queue } from '../../queue/queue.ts';
import type { IterationReport, StepReport } from '../events.ts';
import { readCheckpoint, writeCheckpoint } from '../record/checkpoint.ts';
import type { RunConfig } from '../record/config.ts';
import type { Head, Limits, RunStatus } from '../record/head.ts';
import { parseCheckpointFolder, runKeys } from '../record/keys.ts';
import { checkShards } from '../record/shard-groups.ts';
import { initialState, type TrainingState } from '../record/training-state.ts';
import type { CoordinatorContext } from './coordinator.ts';
import type { Lease } from './lease.ts';
import type { WeightsPublisher } from './publisher.ts';
import { JobRounds } from './rounds.ts';
import { drawSample } from './sample.ts';
import { performStep, type StepContext, StepScratch } from './step.ts';

/** Checkpoints that are kept, the head's included; older ones are removed. */
const KEPT_CHECKPOINTS = 3;

/** One coordinator's work on one run, under one lease: iterations from the last checkpoint to the end. */
export class TrainingLoop {
  readonly #context: CoordinatorContext;
  readonly #config: RunConfig;
  readonly #lease: Lease;
  readonly #step: StepContext;
  readonly #startedAt: number;
  /** The head when the lease was taken. */
  readonly #before: Head;
  #iteration = 0;

  constructor(
    context: CoordinatorContext,
    config: RunConfig,
    lease: Lease,
    publisher: WeightsPublisher,
    replies: Queue,
  ) {
    this.#context = context;
    this.#config = config;
    this.#lease = lease;
    const heartbeat = async () => {
      context.assertHealthy();
      await lease.renewIfDue(() => this.#progress());
    };
    this.#startedAt = context.clock.now();
    this.#before = lease.head;
    const program = context.programs.create(config.program);
    checkShards(program, config); // the config may have been changed by hand
    this.#step = {
      config,
      program,
      epoch: lease.epoch,
      publisher,
      scratch: new StepScratch(),
      replyTo: replies.name,
      clock: context.clock,
      rounds: new JobRounds({ removedAtOnce: 1, ...context, replies, heartbeat }),
    };
  }

  async run(): Promise<RunStatus> {
    const { events } = this.#context;
    const { iterations } = this.#config;
    let state = await this.#restore();
    await events.emit('started', {
      config: this.#config,
      iteration: this.#iteration,
      epoch: this.#lease.epoch,
    });
    while (this.#iteration < iterations) {
      const { report, next } = await this.#performIteration(state);
      state = next;
      this.#iteration++;
      await events.emit('iteration', report);
      const end = this.#iteration === iterations;
      if (end || isDue(this.#config.sampleEvery, this.#iteration)) await this.#sample(state);
      if (end) break;
      const ending = this.#ending();
      if (ending) return this.#end(state, ending.status, ending.reason);
      if (isDue(this.#config.checkpointEvery, this.#iteration)) {
        await this.#lease.update(await this.#checkpoint(state));
        await this.#removeOldCheckpoints();
      }
    }
    return this.#end(state, 'finished');
  }

  async #restore(): Promise<TrainingState> {
    const { checkpoint } = this.#lease.head;
    const { program } = this.#step;
    this.#iteration = checkpoint?.iteration ?? 0;
    return checkpoint
      ? readCheckpoint(this.#context.store, this.#config.runId, checkpoint, program)
      : initialState(program, this.#config.seed);
  }

  async #performIteration(
    state: TrainingState,
  ): Promise<{ report: IterationReport; next: TrainingState }> {
    const { clock } = this.#context;
    const startedAt = clock.now();
    const metrics: Record<string, number> = {};
    const steps: StepReport[] = [];
    let next = state;
    for (const index of this.#step.program.phases.keys()) {
      const outcome = await performStep(this.#step, next, this.#iteration, index);
      next = outcome.state;
      Object.assign(metrics, outcome.metrics);
      steps.push(outcome.report);
    }
    const ms = clock.now() - startedAt;
    const epoch = this.#lease.epoch;
    return { report: { iteration: this.#iteration, epoch, metrics, ms, steps }, next };
  }

  async #sample(state: TrainingState): Promise<void> {
    const sample = await drawSample(this.#step, state, this.#iteration);
    await this.#context.events.emit('sample', sample);
  }

  /** What the run has to end as before its last iteration; undefined: it goes on. */
  #ending(): { status: RunStatus; reason?: string } | undefined {
    const { handOver, shouldStop } = this.#context;
    if (this.#lease.head.cancelRequested) return { status: 'cancelled' };
    if (shouldStop()) return { status: 'stopped' };
    const reason = limitReached(this.#lease.head.limits, this.#progress());
    if (reason) return { status: 'stopped', reason };
    return handOver?.isDue() ? { status: 'running' } : undefined;
  }

  /** How far the run has come, for its head. */
  #progress(): { iteration: number; trainedMs: number; cost: number } {
    const { clock, cost = () => 0 } = this.#context;
    return {
      iteration: this.#iteration,
      trainedMs: this.#before.trainedMs + clock.now() - this.#startedAt,
      cost: this.#before.cost + cost(),
    };
  }

  async #end(state: TrainingState, status: RunStatus, reason?: string): Promise<RunStatus> {
    const change = await this.#checkpoint(state);
    await this.#step.publisher.clear();
    if (status === 'running') {
      await this.#lease.update(change);
      await this.#context.handOver?.start();
    }
    await this.#lease.release({ ...change, status, ...(reason ? { reason } : {}) });
    await this.#removeOldCheckpoints();
    await this.#context.events.emit('ended', { status, iteration: this.#iteration });
    return status;
  }

  /** @returns the change of the head that makes the checkpoint count */
  async #checkpoint(state: TrainingState): Promise<Partial<Head>> {
    const { store, events } = this.#context;
    const reference = { iteration: this.#iteration, epoch: this.#lease.epoch };
    await events.emit('beforeCheckpoint', { iteration: this.#iteration });
    const prefix = await writeCheckpoint(store, this.#config.runId, reference, state);
    await events.emit('checkpoint', { iteration: this.#iteration, prefix });
    return { ...this.#progress(), checkpoint: reference };
  }

  /**
   * Only what lies before the checkpoint that the head names: another coordinator may have taken over
   * meanwhile, and the head name a later one by now, whatever killed coordinators left beside it.
   */
  async #removeOldCheckpoints(): Promise<void> {
    const named = this.#lease.head.checkpoint;
    if (!named) return;
    const prefix = runKeys.allCheckpoints(this.#config.runId);
    const objects = await this.#context.store.list(prefix);
    const folderOf = (key: string) => key.slice(prefix.length).split('/')[0] ?? '';
    const folders = [...new Set(objects.map(({ key }) => folderOf(key)))];
    const all = folders.map((folder) => ({ folder, ...parseCheckpointFolder(folder) }));
    const earlier = all.filter(({ iteration }) => iteration < named.iteration);
    earlier.sort((a, b) => b.iteration - a.iteration || b.epoch - a.epoch);
    // Of a coordinator that died, or was told that its write had failed, before the head named it.
    const neverNamed = all.filter(
      ({ iteration, epoch }) => iteration === named.iteration && epoch < named.epoch,
    );
    const removed = [...earlier.slice(KEPT_CHECKPOINTS - 1), ...neverNamed];
    const outdated = new Set(removed.map(({ folder }) => folder));
    const keys = objects.map(({ key }) => key).filter((key) => outdated.has(folderOf(key)));
    if (keys.length > 0) await this.#context.store.remove(keys);
  }
}

/** Which limit a run has come to, in a sentence. */
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

function isDue(every: number, iteration: number): boolean {
  return every > 0 && iteration % every === 0;
}
