import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Backend } from '../../backend/backend.ts';
import { takeValues } from '../../backend/gradient.ts';
import type { GradientComputer } from '../../backend/gradient-computer.ts';
import { GraphRefusedError } from '../../backend/graph/errors.ts';
import type { DatasetCache } from '../../data/dataset.ts';
import { LambduelError, messageOf } from '../../errors.ts';
import { drawWithReplacement, normals, StreamTag, streamKey } from '../../numeric/random.ts';
import { shardRange } from '../../numeric/shards.ts';
import { networkLayout, networkOf } from '../../program/network.ts';
import type { PhaseInputs, PhaseSpec, Program } from '../../program/program.ts';
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
import type { WeightsCache } from './weights-cache.ts';

/** What a worker works with; all of it stays warm from job to job. */
export interface WorkerContext {
  readonly store: Store;
  readonly backend: Backend;
  readonly programs: ProgramRegistry;
  readonly weights: WeightsCache;
  readonly datasets: DatasetCache;
  readonly gradients: GradientComputer;
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
      job.kind === 'gradient'
        ? await computeGradient(context, job)
        : await drawImages(context, job);
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
  const networks = await loadNetworks(context, job, program);
  const inputs = await drawInputs(context, job, program, phase);
  const loadMs = clock();

  // A phase that comes again in an iteration is the same loss.
  const loss = JSON.stringify([job.program, program.phases.indexOf(phase)]);
  const task = { loss, phase, networks, inputs };
  const { gradient, statistics, compileMs } = context.gradients.compute(job.gradients, task);
  inputs.noise.dispose();
  inputs.real?.dispose();
  const computeMs = clock() - compileMs;

  const layout = networkLayout(networkOf(program, phase.network));
  const bytes = encodeGradient(layout, gradient, job.wire);
  const timing = { loadMs, ...(compileMs > 0 ? { compileMs } : {}), computeMs, encodeMs: clock() };
  return { bytes, statistics, timing };
}

/** The shard's part of the step's noise and real examples: the same for any number of shards. */
async function drawInputs(
  { backend: { tf }, datasets }: WorkerContext,
  job: GradientJob,
  program: Program,
  phase: PhaseSpec,
): Promise<PhaseInputs> {
  const { first, size } = shardRange(job.batch, job.shards, job.shard);
  const noiseStream = streamKey(job.seed, StreamTag.noise, job.step);
  const noise = normals(noiseStream, first, size, program.latent);
  let real: Tensor2D | undefined;
  if (phase.needsReal) {
    const dataset = await datasets.load(job.dataset);
    const realStream = streamKey(job.seed, StreamTag.realExamples, job.step);
    const indices = drawWithReplacement(realStream, first, size, dataset.examples);
    real = tf.tensor2d(dataset.gather(indices), [size, dataset.exampleSize]);
  }
  return { noise: tf.tensor2d(noise, [size, program.latent]), real };
}

async function drawImages(context: WorkerContext, job: SampleJob): Promise<Result> {
  const clock = stopwatch();
  const program = context.programs.create(job.program);
  const networks = await loadNetworks(context, job, program);
  const stream = streamKey(job.seed, StreamTag.sampleGrid, 0);
  const noise = normals(stream, 0, job.examples, program.latent);
  const loadMs = clock();
  const { tf } = context.backend;
  const images = tf.tidy(() => {
    const z = tf.tensor2d(noise, [job.examples, program.latent]);
    return program.generate(tf, networks[program.generator] ?? {}, z);
  });
  const values = takeValues(images);
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
  const retryable = !(error instanceof JobFailedError || error instanceof GraphRefusedError);
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
