import { z } from 'zod';
import { presets } from '../../program/presets.ts';
import type { ProgramReference } from '../../program/registry.ts';
import { wireSchema } from '../../wire/gradient.ts';
import type { DatasetReference } from '../../wire/messages.ts';
import { type BackendName, type RunConfig, runConfigSchema } from './config.ts';
import { type Limits, NO_LIMITS } from './head.ts';
import { settingsError } from './problems.ts';

const { shape } = runConfigSchema;

/**
 * What may be asked of a new run: by options, by a configuration file, by a trigger. Everything has a
 * default. Limits are those of the run's config.
 */
export const trainSettingsSchema = z.strictObject({
  preset: z.enum(['blog', 'digits']).default('digits'),
  iterations: shape.iterations.optional(),
  batch: shape.batch.optional(),
  shards: shape.shards.optional(),
  seed: shape.seed.optional(),
  dataset: z.string().min(1).max(160).optional(),
  learningRate: shape.learningRate.optional(),
  checkpointEvery: shape.checkpointEvery.optional(),
  sampleEvery: shape.sampleEvery.optional(),
  threads: shape.threads.optional(),
  wire: wireSchema.optional(),
  localIterations: shape.localIterations.unwrap().optional(),
  quorum: z.number().int().min(1).optional(),
  maxMinutes: z.number().positive().max(1_000_000).optional(),
  maxCost: z.number().positive().max(1_000_000).optional(),
  quorumAfterMs: z.number().int().min(1).max(3_600_000).optional(),
});

/** See {@link trainSettingsSchema}. */
export type TrainSettings = z.infer<typeof trainSettingsSchema>;

/** What a run's config needs beside its settings. */
export interface ResolvedParts {
  readonly runId: string;
  readonly createdAt: Date;
  readonly dataset: DatasetReference;
  readonly backend: BackendName;
  /** How gradients travel unless the settings say. */
  readonly defaultWire: RunConfig['wire'];
}

/** The name of the dataset that the settings ask for. */
export function datasetName(settings: TrainSettings): string {
  return settings.dataset ?? presets[settings.preset].dataset;
}

/** The settings that say when a run stops by itself. */
export type LimitSettings = Pick<TrainSettings, 'maxMinutes' | 'maxCost'>;

/** When the settings want the run to stop by itself. */
export function limitsOf(settings: LimitSettings): Limits {
  return { ...NO_LIMITS, ...newLimits(settings) };
}

/** The limits that the settings name, for a run that has some already. */
export function newLimits({ maxMinutes, maxCost }: LimitSettings): Partial<Limits> {
  return {
    ...(maxMinutes === undefined ? {} : { minutes: maxMinutes }),
    ...(maxCost === undefined ? {} : { cost: maxCost }),
  };
}

/** The program that the settings ask for. */
export function programReference({ preset }: TrainSettings): ProgramReference {
  const { program, programSettings } = presets[preset];
  return { name: program, settings: { ...programSettings } };
}

/** What no rule over several settings depends on, made up for checking the settings alone. */
const PLACEHOLDER_PARTS: ResolvedParts = {
  runId: '20260131-235959-0a1b',
  createdAt: new Date(0),
  dataset: { name: '-', sha256: '0'.repeat(64), examples: 1 },
  backend: 'wasm',
  defaultWire: 'f32',
};

/**
 * Check what can be refused before a store is looked at.
 *
 * @throws UsageError when settings do not fit together, as more shards than examples
 */
export function checkSettings(settings: TrainSettings): void {
  resolveConfig(settings, PLACEHOLDER_PARTS);
}

/**
 * Settings with every default resolved.
 *
 * @throws UsageError when they do not fit together, as more shards than examples
 */
export function resolveConfig(settings: TrainSettings, parts: ResolvedParts): RunConfig {
  const config = withDefaults(settings, parts);
  const result = runConfigSchema.safeParse(config);
  if (result.success) return result.data;
  throw settingsError(result.error, config, { hint: 'See the settings in the README.' });
}

function withDefaults(
  settings: TrainSettings,
  parts: ResolvedParts,
): z.input<typeof runConfigSchema> {
  const defaults = presets[settings.preset];
  return {
    format: 1,
    runId: parts.runId,
    createdAt: parts.createdAt.toISOString(),
    preset: settings.preset,
    program: programReference(settings),
    iterations: settings.iterations ?? defaults.iterations,
    batch: settings.batch ?? defaults.batch,
    shards: settings.shards ?? defaults.shards,
    seed: settings.seed ?? defaults.seed,
    learningRate: settings.learningRate ?? defaults.learningRate,
    beta1: defaults.beta1,
    beta2: defaults.beta2,
    epsilon: defaults.epsilon,
    dataset: parts.dataset,
    backend: parts.backend,
    threads: settings.threads ?? defaults.threads,
    wire: settings.wire ?? parts.defaultWire,
    localIterations: settings.localIterations ?? 0,
    quorum: settings.quorum ?? null,
    quorumAfterMs: settings.quorumAfterMs,
    checkpointEvery: settings.checkpointEvery ?? defaults.checkpointEvery,
    sampleEvery: settings.sampleEvery ?? defaults.sampleEvery,
    sampleCount: defaults.sampleCount,
  };
}
