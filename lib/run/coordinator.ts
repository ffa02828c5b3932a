import { LambduelError, messageOf } from '../errors.ts';
import type { ProgramRegistry } from '../program/registry.ts';
import type { Queue, QueueService } from '../queue/queue.ts';
import type { Store } from '../store/store.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { Clock } from './clock.ts';
import type { BackendName, RunConfig } from './config.ts';
import type { IterationReport, RunEventBus, StepReport } from './events.ts';
import type { Head, Limits, RunStatus } from './head.ts';
import { epochInKey, repliesQueue, runKeys } from './keys.ts';
import { Lease, LeaseLostError } from './lease.ts';
import { WeightsPublisher } from './publisher.ts';
import { JobRounds } from './rounds.ts';
import { readConfig } from './runs.ts';
import { drawSample } from './sample.ts';
import { performStep, type StepContext, StepScratch } from './step.ts';
import { initialState, type TrainingState } from './training-state.ts';

/** Replies that a coordinator has not acknowledged come again after this long. */
const REPLY_VISIBILITY_MS = 30_000;
/** Checkpoints that are kept, the head's included; older ones are removed. */
const KEPT_CHECKPOINTS = 3;

/** What a coordinator works with. */
export interface CoordinatorContext {
  readonly store: Store;
  readonly queues: QueueService;
  readonly jobs: Queue;
  readonly programs: ProgramRegistry;
  readonly clock: Clock;
  readonly events: RunEventBus;
  /** Names this coordinator; no two are ever named the same. */
  readonly owner: string;
  readonly leaseMs: number;
  /** See `LeaseOptions.onWait`. */
  readonly onWait?: (owner: string, ms: number) => void;
  /** Throws when the workers cannot work any more; asked often while waiting for them. */
  readonly assertHealthy: () => void;
  /** Asked after each iteration: true to stop at a checkpoint, and let the run be resumed. */
  readonly shouldStop: () => boolean;
  /** What the workers compute with, where all of them do alike: a run of another backend is refused. */
  readonly backend?: BackendName;
  /** For a coordinator whose own time is limited. */
  readonly handOver?: HandOver;
  /** US dollars that this coordinator and its workers have cost so far, where they cost any. */
  readonly cost?: () => number;
  /** Objects of no more use that are removed together. Default: each as soon as there is time. */
  readonly removedAtOnce?: number;
}

/** How a coordinator leaves a run to the next one, at a checkpoint. */
export interface HandOver {
  /** Asked after each iteration: whether it is time. */
  isDue(): boolean;
  /** Start the next coordinator. Called before the lease is given up, for which that one waits. */
  start(): Promise<void>;
}

/**
 * Advance a run until it is finished, stopped or cancelled: take its lease, go on from its last
 * checkpoint, and for each step publish, dispatch, collect and apply. Any number of coordinators may
 * try; one at a time gets on.
 *
 * @returns what the run has come to; `running`: it has been handed over
 * @throws what ended it: the head then says `failed`, and why, unless the lease was lost
 */
export async function advance(context: CoordinatorContext, runId: string): Promise<RunStatus> {
  const config = await readConfig(context.store, runId);
  const lease = await Lease.take(context.store, runId, {
    owner: context.owner,
    durationMs: context.leaseMs,
    clock: context.clock,
    ...(context.onWait ? { onWait: context.onWait } : {}),
  });
  const queue = repliesQueue(runId, lease.epoch);
  const { store, removedAtOnce = 1 } = context;
  const publisher = new WeightsPublisher(store, runId, lease.epoch, removedAtOnce);
  let over = false;
  try {
    checkBackend(config, context.backend);
    const replies = await context.queues.create(queue, { visibilityMs: REPLY_VISIBILITY_MS });
    await context.queues.remove(repliesQueue(runId, lease.epoch - 1));
    const status = await new Coordinator(context, config, lease, publisher, replies).run();
    over = status !== 'running';
    return status;
  } catch (error) {
    const problem =
      error instanceof LeaseLostError ? error : await markFailed(lease, publisher, error);
    over = problem === undefined;
    if (!(problem instanceof LeaseLostError)) throw error;
    await removeTraces(context.store, runId, lease.epoch);
    throw problem; // whatever else went wrong, went wrong because another has taken over
  } finally {
    // The watchdog finds runs by their queues: one that goes on has this until its next one is made.
    if (over) await context.queues.remove(queue);
  }
}

function checkBackend({ runId, backend }: RunConfig, ofWorkers: BackendName = backend): void {
  if (ofWorkers === backend) return;
  throw new LambduelError(
    `Run ${runId} was started with the ${backend} backend, but the workers have ${ofWorkers}: its weights would be others`,
    { hint: 'Deploy the stack with the backend of the run, or start a new run.' },
  );
}

/**
 * Room is made first: a full store may have no place for even the head.
 *
 * @returns what kept the head from saying so: another coordinator's lease, or the store itself
 */
async function markFailed(
  lease: Lease,
  publisher: WeightsPublisher,
  error: unknown,
): Promise<unknown> {
  await publisher.clear().catch(() => {});
  const { name } = error instanceof Error ? error : { name: 'Error' };
  const failure = { status: 'failed', error: { name, message: messageOf(error) } } as const;
  return lease.release(failure).then(
    () => undefined,
    (problem: unknown) => problem,
  );
}

/** What this epoch has published: the coordinator that took over may be done, and not clear it. */
async function removeTraces(store: Store, runId: string, epoch: number): Promise<void> {
  for (const prefix of [runKeys.allWeights(runId), runKeys.allGradients(runId)]) {
    const objects = await store.list(prefix).catch(() => []);
    const keys = objects.map(({ key }) => key).filter((key) => epochInKey(key) === epoch);
    await store.remove(keys).catch(() => {}); // the error itself matters more
  }
}

/** One coordinator's work on one run, under one lease. */
class Coordinator {
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
    this.#step = {
      config,
      program: context.programs.create(config.program),
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
    const named = this.#lease.head.checkpoint?.iteration ?? 0;
    const prefix = runKeys.allCheckpoints(this.#config.runId);
    const objects = await this.#context.store.list(prefix);
    const folderOf = (key: string) => key.slice(prefix.length).split('/')[0] ?? '';
    const folders = [...new Set(objects.map(({ key }) => folderOf(key)))];
    const earlier = folders.filter((folder) => Number.parseInt(folder, 10) < named);
    earlier.sort((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10));
    const outdated = new Set(earlier.slice(KEPT_CHECKPOINTS - 1));
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
