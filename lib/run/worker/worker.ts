import type { Backend } from '../../backend/backend.ts';
import { shardGradient } from '../../backend/gradient.ts';
import type { DatasetCache } from '../../data/dataset.ts';
import { LambduelError, messageOf } from '../../errors.ts';
import { networkLayout, networkOf } from '../../program/network.ts';
import type { Program } from '../../program/program.ts';
import type { ProgramRegistry } from '../../program/registry.ts';
import type { Message } from '../../queue/queue.ts';
import { ObjectExistsError, type Store } from '../../store/store.ts';
import { crc32 } from '../../wire/checksum.ts';
import { encodeGradient } from '../../wire/gradient.ts';
import {
  type Failure,
  type GradientJob,
  type Job,
  MESSAGE_FORMAT,
  type Reply,
  roundOf,
  type SampleJob,
  type Success,
} from '../../wire/messages.ts';
import { JobFailedError } from '../coordinator/rounds.ts';
import { runKeys } from '../record/keys.ts';
import { shardsKeepGroups } from '../record/shard-groups.ts';
import { drawImages } from './draw-images.ts';
import { drawInputs } from './phase-inputs.ts';
import type { WeightsCache } from './weights-cache.ts';

/** What a worker works with; all of it stays warm from job to job. */
export interface WorkerContext {
  readonly store: Store;
  readonly backend: Backend;
  readonly programs: ProgramRegistry;
  readonly weights: WeightsCache;
  readonly datasets: DatasetCache;
  /** A reply's bytes travel in its message up to this many, otherwise as an object. */
  readonly maxInlineBytes: number;
}

type Result = Pick<Success, 'statistics' | 'timing'> & { readonly bytes: Uint8Array };

/**
 * Do one job and say what to answer. Failing is an answer as well, so that the coordinator knows the
 * reason and decides whether to send the job again.
 *
 * @param delivery how often the queue has delivered this very message
 */
export async function performJob(
  context: WorkerContext,
  job: Job,
  delivery: number,
): Promise<Message> {
  try {
    const result =
      job.kind === 'gradient' ? await computeGradient(context, job) : await drawGrid(context, job);
    return await successMessage(context, job, result, delivery);
  } catch (error) {
    return failureMessage(job, error);
  }
}

/** The answer to a job that could not be done. */
export function failureMessage(job: Job, error: unknown): Message {
  return { body: JSON.stringify(failureReply(job, error)) };
}

async function computeGradient(context: WorkerContext, job: GradientJob): Promise<Result> {
  const clock = stopwatch();
  const program = context.programs.create(job.program);
  const phase = program.phases[job.phase];
  if (!phase) throw new JobFailedError(`The program has no phase ${job.phase}`);
  if (!shardsKeepGroups(program, job)) {
    throw new JobFailedError('The shards of the job cut groups of examples');
  }
  const networks = await loadNetworks(context, job, program);
  const { tf } = context.backend;
  const inputs = await drawInputs(tf, context.datasets, job, program, phase);
  const loadMs = clock();

  const { gradient, statistics } = shardGradient(tf, phase, networks, inputs);
  for (const tensor of Object.values(inputs)) tensor?.dispose();
  const computeMs = clock();

  const layout = networkLayout(networkOf(program, phase.network));
  const bytes = encodeGradient(layout, gradient, job.wire);
  return { bytes, statistics, timing: { loadMs, computeMs, encodeMs: clock() } };
}

async function drawGrid(context: WorkerContext, job: SampleJob): Promise<Result> {
  const clock = stopwatch();
  const program = context.programs.create(job.program);
  const networks = await loadNetworks(context, job, program);
  const loadMs = clock();
  const { tf } = context.backend;
  const { seed, examples: count } = job;
  const drawing = { count, seed, runSeed: seed };
  const values = drawImages(tf, program, networks[program.generator] ?? {}, drawing);
  const computeMs = clock();
  const bytes = Uint8Array.from(values, (value) => Math.round(255 * value));
  return { bytes, statistics: {}, timing: { loadMs, computeMs, encodeMs: clock() } };
}

async function loadNetworks({ weights }: WorkerContext, job: Job, program: Program) {
  const networks = [];
  for (const [name, reference] of Object.entries(job.weights)) {
    const parameters = await weights.load(job.runId, networkOf(program, name), reference);
    networks.push([name, parameters] as const);
  }
  return Object.fromEntries(networks);
}

async function successMessage(
  { store, maxInlineBytes, backend }: WorkerContext,
  job: Job,
  { bytes, statistics, timing }: Result,
  delivery: number,
): Promise<Message> {
  const inline = bytes.length <= maxInlineBytes;
  const data: Success['data'] = { bytes: bytes.length, crc32: crc32(bytes) };
  if (!inline) {
    data.key = runKeys.answer(job, `${job.attempt}.${delivery}`);
    await createUnlessThere(store, data.key, bytes);
  }
  const memory = {
    tensors: backend.tf.memory().numTensors,
    rssBytes: process.memoryUsage.rss(),
  };
  const reply: Reply = { ...replyTo(job), kind: 'success', statistics, timing, data, memory };
  const body = JSON.stringify(reply, nameNonFinite);
  return inline ? { body, payload: bytes } : { body };
}

/** Two workers may do the same delivery of the same job; they write the same bytes. */
async function createUnlessThere(store: Store, key: string, bytes: Uint8Array): Promise<void> {
  try {
    await store.create(key, bytes, { transient: true });
  } catch (error) {
    if (!(error instanceof ObjectExistsError)) throw error;
  }
}

function failureReply(job: Job, error: unknown): Failure {
  const name = error instanceof Error ? error.name : 'Error';
  const hint = error instanceof LambduelError && error.hint ? ` ${error.hint}` : '';
  const message = `${messageOf(error)}${hint}`.slice(0, 4000);
  const retryable = !(error instanceof JobFailedError);
  return { ...replyTo(job), kind: 'failure', error: { name, message }, retryable };
}

function replyTo(job: Job) {
  const { runId, epoch } = job;
  return { format: MESSAGE_FORMAT, runId, epoch, ...roundOf(job) } as const;
}

function nameNonFinite(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

/** @returns a function that gives the milliseconds since its last call, or since now */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const elapsed = now - last;
    last = now;
    return elapsed;
  };
}
