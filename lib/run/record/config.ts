import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { metricSpecSchema } from '../../program/metric-spec.ts';
import { programReferenceSchema } from '../../program/program-reference.ts';
import { augmentSchema } from '../../wire/augment.ts';
import { wireSchema } from '../../wire/gradient.ts';
import {
  datasetReferenceSchema,
  gradientModeSchema,
  MAX_LOCAL_ITERATIONS,
  MAX_SCORED,
} from '../../wire/messages.ts';
import { runIdSchema } from '../../wire/run-id.ts';
import { weightsWireSchema } from '../../wire/weights.ts';
import { initialWeightsSchema } from './initial-weights.ts';
import type { RuleParams } from './problems.ts';

const positive = z.number().int().min(1);
const fraction = z.number().min(0).lt(1);

function rule(hint: string): Record<keyof RuleParams, unknown> {
  return { rule: true, hint };
}

/** What is shown of a program: its metrics in their order, and the phases of an iteration. */
export const programDisplaySchema = z.strictObject({
  metrics: z.array(metricSpecSchema).max(1000),
  phases: positive.max(64),
});

/** The TensorFlow.js backends. Bits are the same only within one backend. */
export const backendNameSchema = z.enum(['native', 'wasm']);

/** See {@link backendNameSchema}. */
export type BackendName = z.infer<typeof backendNameSchema>;

/**
 * A run's settings, fixed at its start, with every default resolved: the content of `config.json`.
 * The final weights follow from it alone. They do not follow from the number of workers, which is
 * therefore not in it.
 */
export const runConfigSchema = z
  .strictObject({
    format: z.literal(1),
    runId: runIdSchema,
    createdAt: z.iso.datetime(),
    preset: z.string(),
    program: programReferenceSchema,
    /** Of a program file: what is shown of it, so that looking at a run does not run its code. */
    display: programDisplaySchema.optional(),
    /** Iterations of the whole run. */
    iterations: positive.max(10_000_000),
    /** Examples of a step's global batch. */
    batch: positive.max(1_000_000),
    /** Shards of the batch: the number of jobs per step. */
    shards: positive.max(4096),
    seed: z.number().int().nonnegative(),
    learningRate: z.number().positive().max(10),
    beta1: fraction,
    beta2: fraction,
    epsilon: z.number().positive().max(1),
    dataset: datasetReferenceSchema,
    /** The first weights. Default: those of the seed. */
    initial: initialWeightsSchema.optional(),
    backend: backendNameSchema,
    /** Threads of one operation in a worker. Other numbers give other bits. */
    threads: positive.max(256),
    /** How gradients travel. */
    wire: wireSchema,
    /** How weights travel to the workers, which train at the rounded ones. */
    weightsWire: weightsWireSchema.default('f32'),
    /** How workers compute gradients. Default, for runs of earlier versions: eagerly. */
    gradients: gradientModeSchema.default('eager'),
    /**
     * Whole iterations that each shard's lane does by itself between two averagings; 0: every step
     * is averaged.
     */
    localIterations: z.number().int().min(0).max(MAX_LOCAL_ITERATIONS).default(0),
    /** Examples that halve a weight's share in the generator's average; 0: no average is kept. */
    emaHalfLife: z.number().min(0).max(1e12).default(0),
    /** How images are changed before D sees them. */
    augment: augmentSchema.default([]),
    /** Shards that are enough for a step after `quorumAfterMs`; null: all of them, however long. */
    quorum: positive.nullable().default(null),
    quorumAfterMs: positive.max(3_600_000).default(2000),
    /**
     * Iterations from checkpoint to checkpoint, and from sample grid to sample grid; 0: the end's
     * only.
     */
    checkpointEvery: z.number().int().nonnegative(),
    sampleEvery: z.number().int().nonnegative(),
    /** Iterations from score to score; 0: no scores. The last iteration has one too. */
    scoreEvery: z.number().int().nonnegative().default(0),
    /** How many images are scored. */
    scoreCount: positive.min(10).max(MAX_SCORED).default(2000),
    /** Images of a sample grid. */
    sampleCount: positive.max(1024),
  })
  .refine(({ batch, shards }) => shards <= batch, {
    error: ({ input }) => {
      const { batch, shards } = input as { batch: number; shards: number };
      return `shards (${shards}) must not be more than the batch has examples (${batch})`;
    },
    path: ['shards'],
    params: rule('Ask for fewer shards, or for a larger batch.'),
  })
  .refine(({ quorum, shards }) => quorum === null || quorum <= shards, {
    error: ({ input }) => {
      const { quorum, shards } = input as { quorum: number; shards: number };
      return `quorum (${quorum}) must not be more than there are shards (${shards})`;
    },
    path: ['quorum'],
    params: rule('Ask for a smaller quorum, or for more shards.'),
  })
  .refine(({ localIterations, iterations }) => localIterations <= iterations, {
    error: ({ input }) => {
      const { localIterations, iterations } = input as {
        localIterations: number;
        iterations: number;
      };
      return `localIterations (${localIterations}) must not be more than the run has iterations (${iterations})`;
    },
    path: ['localIterations'],
    params: rule('Ask for fewer local iterations, or for more iterations.'),
  })
  .refine(({ localIterations, quorum }) => localIterations === 0 || quorum === null, {
    error:
      'quorum and localIterations exclude each other: a lane that is left out would lose the training of all its iterations, not of one step',
    path: ['quorum'],
    params: rule('Leave one of the two out.'),
  });

/** See {@link runConfigSchema}. */
export type RunConfig = z.infer<typeof runConfigSchema>;

/** A new run's id: the UTC time and four random hex digits. */
export function newRunId(now: Date): string {
  const digits = now.toISOString().replaceAll(/[-:T]/g, '');
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${randomBytes(2).toString('hex')}`;
}
