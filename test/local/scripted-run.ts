import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../lib/errors.ts';
import { networkLayout, networkOf } from '../../lib/program/network.ts';
import { ProgramRegistry } from '../../lib/program/registry.ts';
import { LocalQueueService } from '../../lib/queue/local.ts';
import type { Message } from '../../lib/queue/queue.ts';
import { type Clock, systemClock } from '../../lib/run/clock.ts';
import type { CoordinatorContext } from '../../lib/run/coordinator/context.ts';
import { advance } from '../../lib/run/coordinator/coordinator.ts';
import { RunEventBus } from '../../lib/run/events.ts';
import type { RunConfig } from '../../lib/run/record/config.ts';
import type { RunStatus } from '../../lib/run/record/head.ts';
import type { Store } from '../../lib/store/store.ts';
import { crc32 } from '../../lib/wire/checksum.ts';
import { encodeGradient } from '../../lib/wire/gradient.ts';
import { type GradientJob, type Job, parseJob, roundOf } from '../../lib/wire/messages.ts';
import { WeightsDecoder } from '../../lib/wire/weights.ts';
import { runConfig } from '../../support/fixtures.ts';
import { TINY_PIXELS, tinyProgram } from './tiny-program.ts';

const PROGRAM = tinyProgram.create({ pull: 1 });

/** What a scripted worker does with a job: the messages that it sends to the job's `replyTo`. */
export type Script = (job: Job, worker: ScriptedWorker) => Promise<readonly Message[]>;

/** A run of the tiny program: 3 iterations of 4 phases, 3 unequal shards. */
export function tinyConfig(change: Partial<RunConfig> = {}): RunConfig {
  return runConfig({
    program: { name: 'tiny', settings: { pull: 1 } },
    iterations: 3,
    batch: 7,
    shards: 3,
    checkpointEvery: 1,
    sampleEvery: 0,
    sampleCount: 2,
    ...change,
  });
}

/** The gradient that scripted workers answer with: it depends on everything that it may depend on. */
export function scriptedGradient(weights: Float32Array, step: number, shard: number): Float32Array {
  return weights.map((weight, i) => 0.5 * weight + 0.1 * (shard + 1) - 0.01 * step + i);
}

/** A worker without any TensorFlow.js: it answers as the test's script says. */
export class ScriptedWorker {
  /** Every job that has been delivered, in order. */
  readonly jobs: Job[] = [];
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The right answer to a job. */
  async answer(job: Job): Promise<Message> {
    if (job.kind === 'sample')
      return success(job, new Uint8Array(job.examples * TINY_PIXELS).fill(9));
    if (job.kind !== 'gradient') throw new Error(`Scripted workers do no ${job.kind} jobs`);
    return this.answerWith(job, scriptedGradient(await this.#weights(job), job.step, job.shard));
  }

  /** An answer with this gradient. */
  answerWith(job: GradientJob, gradient: Float32Array): Message {
    const layout = networkLayout(networkOf(PROGRAM, networkNameOf(job)));
    return success(job, encodeGradient(layout, gradient, job.wire, job));
  }

  async #weights(job: GradientJob): Promise<Float32Array> {
    const network = networkNameOf(job);
    const { key, crc32: expected } = job.weights[network] as { key: string; crc32: string };
    const { bytes } = await this.#store.get(key);
    if (crc32(bytes) !== expected) throw new Error(`${key} is damaged`);
    return new WeightsDecoder(networkLayout(networkOf(PROGRAM, network))).decode(bytes, key);
  }
}

function networkNameOf({ phase }: GradientJob): string {
  return PROGRAM.phases[phase]?.network as string;
}

/** A message of success with these bytes. */
export function success(job: Job, bytes: Uint8Array, change: object = {}): Message {
  const { format, runId, epoch } = job;
  const statistics = { centerLoss: 1, makerLoss: 2, spreadLoss: 3, largest: 4 };
  const timing = { loadMs: 0, computeMs: 0, encodeMs: 0 };
  const data = { bytes: bytes.length, crc32: crc32(bytes) };
  const reply = { kind: 'success', statistics, timing, data, ...roundOf(job), ...change };
  return { body: JSON.stringify({ format, runId, epoch, ...reply }), payload: bytes };
}

/** A message of failure. */
export function failure(job: Job, message: string, retryable = true): Message {
  const { format, runId, epoch } = job;
  const error = { name: 'Error', message };
  const reply = { kind: 'failure', error, retryable, ...roundOf(job) };
  return { body: JSON.stringify({ format, runId, epoch, ...reply }) };
}

/** How a run is played. */
export interface Play {
  readonly store: Store;
  readonly runId: string;
  readonly script?: Script;
  readonly queues?: LocalQueueService;
  readonly clock?: Clock;
  readonly owner?: string;
  readonly leaseMs?: number;
  readonly change?: Partial<CoordinatorContext>;
}

/** What became of it, and what happened on the way. */
export interface Played {
  readonly status: RunStatus;
  readonly jobs: readonly Job[];
  readonly resent: readonly string[];
  readonly dropped: readonly string[];
}

/** What happened on the way, also when `advance` throws. */
export class Witness {
  readonly resent: string[] = [];
  readonly dropped: string[] = [];
  readonly events = new RunEventBus()
    .on('resent', ({ round, index, attempt, reason }) => {
      this.resent.push(`${round}/${index} attempt ${attempt}: ${reason}`);
    })
    .on('dropped', ({ reason }) => {
      this.dropped.push(reason);
    });
}

/** Advance a run with a scripted worker on a queue of its own. */
export async function play(options: Play, witness = new Witness()): Promise<Played> {
  const { store, runId, queues = new LocalQueueService(), clock = systemClock } = options;
  const { owner = 'first', leaseMs = 60_000, script = rightAnswers, change = {} } = options;
  const jobs = await queues.create(`jobs-${owner}`, { visibilityMs: 60_000 });
  const worker = new ScriptedWorker(store);
  const working = work(queues, jobs.name, worker, script);
  try {
    const status = await advance(
      {
        store,
        queues,
        jobs,
        programs: new ProgramRegistry().register(tinyProgram),
        clock,
        events: witness.events,
        owner,
        leaseMs,
        assertHealthy: () => {},
        shouldStop: () => false,
        ...change,
      },
      runId,
    );
    return { status, jobs: worker.jobs, resent: witness.resent, dropped: witness.dropped };
  } finally {
    await queues.remove(jobs.name);
    await working;
  }
}

/** The script of a worker that does what it should. */
export const rightAnswers: Script = async (job, worker) => [await worker.answer(job)];

async function work(
  queues: LocalQueueService,
  name: string,
  worker: ScriptedWorker,
  script: Script,
): Promise<void> {
  const queue = queues.open(name);
  const handling: Promise<void>[] = [];
  for (;;) {
    const deliveries = await queue.receive({ max: 10, waitMs: 60_000 }).catch(() => undefined);
    if (!deliveries) break; // the queue is gone, and the run with it
    for (const { body } of deliveries) {
      const job = parseJob(body);
      worker.jobs.push(job);
      handling.push(handle(queues, job, script, worker));
    }
    if (deliveries.length === 0) await sleep(1);
  }
  await Promise.all(handling);
}

async function handle(
  queues: LocalQueueService,
  job: Job,
  script: Script,
  worker: ScriptedWorker,
): Promise<void> {
  const messages = await Promise.resolve(script(job, worker)).catch((error: unknown) => [
    failure(job, messageOf(error)),
  ]);
  await queues
    .open(job.replyTo)
    .send(messages)
    .catch(() => {}); // its coordinator is gone
}
