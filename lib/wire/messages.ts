import { z } from 'zod';
import { programReferenceSchema } from '../program/program-reference.ts';
import { augmentSchema } from './augment.ts';
import { wireSchema } from './gradient.ts';
import { jsonNumberSchema } from './json-number.ts';
import { parseJson } from './json-object.ts';
import { runIdSchema } from './run-id.ts';

/** Version of the messages' form; a worker refuses what it does not know. */
export const MESSAGE_FORMAT = 1;

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const positive = count.min(1);
const checksum = z.string().regex(/^[0-9a-f]{8}$/);
const name = z.string().min(1).max(128);
const key = z.string().min(1).max(512);

/**
 * Iterations that a lane may do between two averagings: bounds the length of a job and its answer.
 */
export const MAX_LOCAL_ITERATIONS = 1000;

/** The most images of a score: memory and time grow with them. */
export const MAX_SCORED = 50_000;

/** A packed dataset, by what it holds. */
export const datasetReferenceSchema = z.strictObject({
  name,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  examples: positive,
});

/** See {@link datasetReferenceSchema}. */
export type DatasetReference = z.infer<typeof datasetReferenceSchema>;

/**
 * How a worker computes a gradient: as one compiled graph, or one operation after the other. The
 * bits may differ.
 */
export const gradientModeSchema = z.enum(['compiled', 'eager']);

/** See {@link gradientModeSchema}. */
export type GradientMode = z.infer<typeof gradientModeSchema>;

/** An object that is named by its key, and its checksum. */
export const objectReferenceSchema = z.strictObject({ key, crc32: checksum });

/** See {@link objectReferenceSchema}. */
export type ObjectReference = z.infer<typeof objectReferenceSchema>;

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
  weights: z.record(name, objectReferenceSchema),
  replyTo: name,
  /**
   * The answer is to say who did the job, and when. Left out where it is not to, so that workers of an
   * earlier version understand most jobs, and their coordinators all answers.
   */
  trace: z.literal(true).optional(),
});

/**
 * How images are changed before D sees them. Left out where they are not, so that workers of an earlier
 * version understand such a job.
 */
const augment = augmentSchema.optional();
/**
 * The answer's numbers are to be compressed. Left out where they are not, so that an earlier
 * coordinator, which may still run during a deployment, gets what it can read.
 */
const compress = z.literal(true).optional();

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
    // An earlier coordinator, which may still run during a deployment, names none.
    gradients: gradientModeSchema.default('eager'),
    augment,
    compress,
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

/** Compute the standing statistics of the generator, as tensors of a safetensors file. */
const statisticsJobSchema = jobBase.extend({ kind: z.literal('statistics'), iteration: count });

/** Score `examples` images of the generator against the dataset. */
const scoreJobSchema = jobBase.extend({
  kind: z.literal('score'),
  iteration: count,
  examples: positive.max(MAX_SCORED),
  dataset: datasetReferenceSchema,
});

/**
 * Train a lane by itself: `iterations` whole iterations from `iteration` on, beginning at these
 * weights.
 */
const localJobSchema = jobBase
  .extend({
    kind: z.literal('local'),
    /** The first iteration, and how many there are. */
    iteration: count,
    iterations: positive.max(MAX_LOCAL_ITERATIONS),
    /** The round of averaging: how many were before. */
    averaging: count,
    lane: count,
    lanes: positive.max(4096),
    batch: positive.max(1_000_000),
    dataset: datasetReferenceSchema,
    wire: wireSchema,
    /** Whether an iteration is one compiled graph. */
    gradients: gradientModeSchema,
    augment,
    compress,
    adam: z.strictObject({
      learningRate: z.number().positive().max(10),
      beta1: z.number().min(0).lt(1),
      beta2: z.number().min(0).lt(1),
      epsilon: z.number().positive().max(1),
    }),
    /** Where the lane's optimizer state is; null: it begins with zeros. */
    state: objectReferenceSchema.nullable(),
  })
  .refine(({ lane, lanes, batch }) => lane < lanes && lanes <= batch, {
    error: 'a job must be for one of the lanes, and no lane may be empty',
  });

/** What a worker is asked to do. A job holds everything that the worker needs. */
export const jobSchema = z.discriminatedUnion('kind', [
  gradientJobSchema,
  sampleJobSchema,
  statisticsJobSchema,
  scoreJobSchema,
  localJobSchema,
]);

/** See {@link jobSchema}. */
export type Job = z.infer<typeof jobSchema>;
export type GradientJob = z.infer<typeof gradientJobSchema>;
export type SampleJob = z.infer<typeof sampleJobSchema>;
export type ScoreJob = z.infer<typeof scoreJobSchema>;
export type StatisticsJob = z.infer<typeof statisticsJobSchema>;
export type LocalJob = z.infer<typeof localJobSchema>;

/** Where a reply's bytes are: with the message, or in the store when a message cannot hold them. */
const dataSchema = z.strictObject({ bytes: count, crc32: checksum, key: key.optional() });

/** What a worker tells of a job beside its timing. */
export const jobTraceSchema = z.strictObject({
  /** When it took the job: milliseconds since 1970, by its own clock. */
  takenAt: count,
  /** Milliseconds until it began: long where it had to start first. */
  startMs: z.number().nonnegative(),
  /** Milliseconds of storing the answer's bytes; 0 where they are in the message. */
  storeMs: z.number().nonnegative(),
});

const replyBase = z.strictObject({
  format: z.literal(MESSAGE_FORMAT),
  runId: runIdSchema,
  epoch: positive,
  /** The round of jobs that it answers, and which job of the round; see {@link roundOf}. */
  round: name,
  index: count,
  /** Who answers, where the coordinator has started its workers itself, or the job asks for it. */
  worker: name.optional(),
});

const successSchema = replyBase.extend({
  kind: z.literal('success'),
  /** The mean loss and the phase's statistics over the shard, by metric name. */
  statistics: z.record(name, jsonNumberSchema),
  /**
   * Milliseconds that the worker took to load, to compile where it had to, to compute, to encode.
   */
  timing: z.strictObject({
    loadMs: z.number(),
    compileMs: z.number().optional(),
    computeMs: z.number(),
    encodeMs: z.number(),
  }),
  data: dataSchema,
  /** Of a lane: each iteration's losses and statistics, and where its optimizer state is now. */
  lane: z
    .strictObject({
      iterations: z.array(z.record(name, jsonNumberSchema)).max(MAX_LOCAL_ITERATIONS),
      state: objectReferenceSchema,
    })
    .optional(),
  /** The worker's tensors and resident memory after the job. Neither may grow from job to job. */
  memory: z.strictObject({ tensors: count, rssBytes: count }).optional(),
  /** When the worker did what, if the job asks for it. */
  trace: jobTraceSchema.optional(),
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

/** What a job belongs to, such as its step or the iteration of its samples. */
export function roundOf(job: Job): { round: string; index: number } {
  switch (job.kind) {
    case 'gradient':
      return { round: `step-${job.step}`, index: job.shard };
    case 'sample':
      return { round: `sample-${job.iteration}`, index: 0 };
    case 'score':
      return { round: `score-${job.iteration}`, index: 0 };
    case 'statistics':
      return { round: `statistics-${job.iteration}`, index: 0 };
    case 'local':
      return { round: `local-${job.averaging}`, index: job.lane };
  }
}

/** What a job does, in words for messages, such as `The gradient of step 3 on shard 0`. */
export function describeJob(job: Job): string {
  switch (job.kind) {
    case 'gradient':
      return `The gradient of step ${job.step} on shard ${job.shard}`;
    case 'sample':
      return `The sample grid of iteration ${job.iteration}`;
    case 'score':
      return `The score of iteration ${job.iteration}`;
    case 'statistics':
      return `The standing statistics of iteration ${job.iteration}`;
    case 'local':
      return `The training of lane ${job.lane} from iteration ${job.iteration} on`;
  }
}

/** @throws InvalidDataError when the text is not a job of a known format */
export function parseJob(body: string): Job {
  return parseJson(jobSchema, body, 'A job message');
}

/** @throws InvalidDataError when the text is not a reply of a known format */
export function parseReply(body: string): Reply {
  return parseJson(replySchema, body, 'A reply message');
}
