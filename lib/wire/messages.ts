import { z } from 'zod';
import { InvalidDataError } from '../errors.ts';
import { programReferenceSchema } from '../program/registry.ts';
import { wireSchema } from './gradient.ts';

/** Version of the messages' form; a worker refuses what it does not know. */
export const MESSAGE_FORMAT = 1;

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const positive = count.min(1);
const checksum = z.string().regex(/^[0-9a-f]{8}$/);
const name = z.string().min(1).max(128);
const key = z.string().min(1).max(512);

/** A run's name: when it began and four random hex digits. */
export const runIdSchema = z.string().regex(/^\d{8}-\d{6}-[0-9a-f]{4}$/, {
  error: 'a run id has the form yyyymmdd-hhmmss-xxxx, as 20260131-235959-0a1b',
});

/** A packed dataset, by what it holds. */
export const datasetReferenceSchema = z.strictObject({
  name,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  examples: positive,
});

/** See {@link datasetReferenceSchema}. */
export type DatasetReference = z.infer<typeof datasetReferenceSchema>;

/**
 * How a worker computes a gradient: as one compiled graph, or one operation after the other. The bits
 * may differ.
 */
export const gradientModeSchema = z.enum(['compiled', 'eager']);

/** See {@link gradientModeSchema}. */
export type GradientMode = z.infer<typeof gradientModeSchema>;

const weightsReference = z.strictObject({ key, crc32: checksum });

const jobBase = z.strictObject({
  format: z.literal(MESSAGE_FORMAT),
  runId: runIdSchema,
  /** The coordinator's epoch: its results queue and keys are its own. */
  epoch: positive,
  /** How often the coordinator has sent this job, this time included. */
  attempt: positive,
  seed: count,
  program: programReferenceSchema,
  /** Where each network's weights are, by the network's name. */
  weights: z.record(name, weightsReference),
  replyTo: name,
});

/** Compute the gradient of `step` on `shard` at these weights. */
const gradientJobSchema = jobBase
  .extend({
    kind: z.literal('gradient'),
    step: count,
    phase: count,
    shard: count,
    // As in a run's config: a worker takes memory by these.
    shards: positive.max(4096),
    batch: positive.max(1_000_000),
    dataset: datasetReferenceSchema,
    wire: wireSchema,
    // A coordinator from before there was a choice, which goes on during a deployment, names none.
    gradients: gradientModeSchema.default('eager'),
  })
  .refine(({ shard, shards, batch }) => shard < shards && shards <= batch, {
    error: 'a job must be for one of the shards, and no shard may be empty',
  });

/** Draw `examples` images from the run's fixed noise. */
const sampleJobSchema = jobBase.extend({
  kind: z.literal('sample'),
  iteration: count,
  examples: positive.max(65_536),
});

/** What a worker is asked to do; it needs nothing else to do it. */
export const jobSchema = z.discriminatedUnion('kind', [gradientJobSchema, sampleJobSchema]);

/** See {@link jobSchema}. */
export type Job = z.infer<typeof jobSchema>;
export type GradientJob = z.infer<typeof gradientJobSchema>;
export type SampleJob = z.infer<typeof sampleJobSchema>;

/** Where a reply's bytes are: with the message, or in the store when they are too many for one. */
const dataSchema = z.strictObject({ bytes: count, crc32: checksum, key: key.optional() });

const replyBase = z.strictObject({
  format: z.literal(MESSAGE_FORMAT),
  runId: runIdSchema,
  epoch: positive,
  /** The round of jobs that it answers, and which job of the round; see {@link roundOf}. */
  round: name,
  index: count,
});

/** A finite number, or the name of one that is not, which JSON cannot hold. */
const statistic = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]).transform(Number);

const successSchema = replyBase.extend({
  kind: z.literal('success'),
  /** The mean loss and the phase's statistics over the shard, by metric name. */
  statistics: z.record(name, statistic),
  /** Milliseconds that the worker took to load, to compile where it had to, to compute, to encode. */
  timing: z.strictObject({
    loadMs: z.number(),
    compileMs: z.number().optional(),
    computeMs: z.number(),
    encodeMs: z.number(),
  }),
  data: dataSchema,
  /** The worker's tensors and its resident memory after the job: neither may grow from job to job. */
  memory: z.strictObject({ tensors: count, rssBytes: count }).optional(),
});

const failureSchema = replyBase.extend({
  kind: z.literal('failure'),
  error: z.strictObject({ name, message: z.string().max(4000) }),
  /** False where another try would end the same way. */
  retryable: z.boolean(),
});

/** What a worker answers. */
export const replySchema = z.discriminatedUnion('kind', [successSchema, failureSchema]);

/** See {@link replySchema}. */
export type Reply = z.infer<typeof replySchema>;
export type Success = z.infer<typeof successSchema>;
export type Failure = z.infer<typeof failureSchema>;

/** How long a worker worked on a job, in milliseconds, as far as it can tell in its answer. */
export function workMs({ loadMs, compileMs = 0, computeMs, encodeMs }: Success['timing']): number {
  return loadMs + compileMs + computeMs + encodeMs;
}

/** What a job belongs to: its step, or the iteration of its samples. */
export function roundOf(job: Job): { round: string; index: number } {
  return job.kind === 'gradient'
    ? { round: `step-${job.step}`, index: job.shard }
    : { round: `sample-${job.iteration}`, index: 0 };
}

/** @throws InvalidDataError when the text is not a job of a known format */
export function parseJob(body: string): Job {
  return parse(jobSchema, body, 'job');
}

/** @throws InvalidDataError when the text is not a reply of a known format */
export function parseReply(body: string): Reply {
  return parse(replySchema, body, 'reply');
}

function parse<T>(schema: z.ZodType<T>, body: string, what: string): T {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (cause) {
    throw new InvalidDataError(`A ${what} message is not JSON`, { cause });
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw new InvalidDataError(`A ${what} message is not valid: ${z.prettifyError(result.error)}`);
}
