import { z } from 'zod';
import { UsageError } from '../../errors.ts';
import { dcganSettingsSchema } from '../../program/dcgan-settings.ts';
import type { TrainingDefaults } from '../../program/define-program.ts';
import { presetNames, presets } from '../../program/presets.ts';
import { type ProgramReference, programReferenceSchema } from '../../program/program-reference.ts';
import { wireSchema } from '../../wire/gradient.ts';
import {
  type DatasetReference,
  type GradientMode,
  gradientModeSchema,
} from '../../wire/messages.ts';
import { weightsWireSchema } from '../../wire/weights.ts';
import { augmentSettingSchema } from './augment.ts';
import { type BackendName, type RunConfig, runConfigSchema } from './config.ts';
import { fleetSchema, type Limits, MAX_RESIDENTS, NO_LIMITS, type RunFleet } from './head.ts';
import { initFromSchema } from './initial-weights.ts';
import { settingsError } from './problems.ts';

const { shape } = runConfigSchema;

/** Settings of programs that have an option of their own. */
const programShape = {
  size: dcganSettingsSchema.shape.size.optional(),
  features: dcganSettingsSchema.shape.features.optional(),
  conditional: dcganSettingsSchema.shape.conditional.optional(),
} as const;

/**
 * What may be asked of a new run: by options, by a configuration file, by a trigger. Everything has
 * a default. Limits are those of the run's config.
 */
export const trainSettingsSchema = z.strictObject({
  preset: z.enum(presetNames).default('digits'),
  /** A stored program file, instead of the preset's program. */
  program: programReferenceSchema.omit({ settings: true }).required().optional(),
  /** The program file's settings by name. Texts are read as the type of a setting's default. */
  set: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  iterations: shape.iterations.optional(),
  batch: shape.batch.optional(),
  shards: shape.shards.optional(),
  seed: shape.seed.optional(),
  dataset: z.string().min(1).max(160).optional(),
  /** The first weights: those of another run of the store, or of files. */
  initFrom: initFromSchema.optional(),
  ...programShape,
  learningRate: shape.learningRate.optional(),
  checkpointEvery: shape.checkpointEvery.optional(),
  sampleEvery: shape.sampleEvery.optional(),
  scoreEvery: shape.scoreEvery.unwrap().optional(),
  scoreCount: shape.scoreCount.unwrap().optional(),
  threads: shape.threads.optional(),
  wire: wireSchema.optional(),
  weightsWire: weightsWireSchema.optional(),
  gradients: z.enum(['auto', ...gradientModeSchema.options]).optional(),
  localIterations: shape.localIterations.unwrap().optional(),
  emaHalfLife: shape.emaHalfLife.unwrap().optional(),
  augment: augmentSettingSchema.optional(),
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
  /** Made to fit the dataset. Default: as the settings ask for it. */
  readonly program?: ProgramReference;
  readonly backend: BackendName;
  /** How gradients travel unless the settings say. */
  readonly defaultWire: RunConfig['wire'];
  /** Shards unless the settings say. Default: the preset's. */
  readonly defaultShards?: number;
  /** How the program of a program file is best trained. */
  readonly training?: TrainingDefaults;
  readonly display?: RunConfig['display'];
  readonly initial?: RunConfig['initial'];
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

/** What may be asked of a run's fleet, on AWS. */
export const fleetShape = {
  fleet: fleetSchema.optional(),
  /** Resident workers. */
  workers: z.number().int().min(1).max(MAX_RESIDENTS).optional(),
} as const;

/** See {@link fleetShape}. */
export interface FleetSettings {
  readonly fleet?: RunFleet['fleet'] | undefined;
  readonly workers?: number | undefined;
}

/** The fleet that the settings name, for a run that has one already. */
export function newFleet({ fleet, workers }: FleetSettings): Partial<RunFleet> {
  if (fleet === 'event') return { fleet, workers: workers ?? null };
  return {
    ...(fleet === undefined ? {} : { fleet }),
    ...(workers === undefined ? {} : { workers }),
  };
}

/** The program that the settings ask for, before it is made to fit a dataset. */
export function programReference(settings: TrainSettings): ProgramReference {
  const { program, programSettings } = presets[settings.preset];
  const asked = Object.keys(programShape)
    .map((name) => [name, settings[name as keyof typeof programShape]] as const)
    .filter(([, value]) => value !== undefined);
  if (settings.program) {
    const [foreign] = asked.map(([name]) => name);
    if (foreign === undefined) return { ...settings.program, settings: settings.set ?? {} };
    throw new UsageError(
      `${foreign} is a setting of a built-in program, and this run has its own`,
      {
        hint: `Leave it out, or give the program such a setting: --set ${foreign}=...`,
      },
    );
  }
  if (settings.set) {
    throw new UsageError('set is for the settings of a program file, and there is none', {
      hint: 'Name the file with --program, or leave --set out.',
    });
  }
  return { name: program, settings: { ...programSettings, ...Object.fromEntries(asked) } };
}

/**
 * How gradients are computed: compiled where the backend can, unless the settings say otherwise.
 *
 * @throws UsageError when they are to be compiled and the backend cannot
 */
export function resolveGradients(
  wanted: TrainSettings['gradients'] = 'auto',
  backend: BackendName,
): GradientMode {
  if (wanted === 'compiled' && backend !== 'native') {
    throw new UsageError(
      `gradients compiled needs the native backend, and this run would have ${backend}`,
      { hint: 'Choose gradients auto or eager (--gradients eager), or the native backend.' },
    );
  }
  if (wanted !== 'auto') return wanted;
  return backend === 'native' ? 'compiled' : 'eager';
}

/**
 * Settings with every default resolved.
 *
 * @throws UsageError when they do not fit together, such as more shards than examples, or when
 *   gradients are to be compiled and the backend cannot
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
  const defaults = { ...presets[settings.preset], ...parts.training };
  return {
    format: 1,
    runId: parts.runId,
    createdAt: parts.createdAt.toISOString(),
    preset: settings.program ? settings.program.name : settings.preset,
    program: parts.program ?? programReference(settings),
    display: parts.display,
    iterations: settings.iterations ?? defaults.iterations,
    batch: settings.batch ?? defaults.batch,
    shards: settings.shards ?? parts.training?.shards ?? parts.defaultShards ?? defaults.shards,
    seed: settings.seed ?? defaults.seed,
    learningRate: settings.learningRate ?? defaults.learningRate,
    beta1: defaults.beta1,
    beta2: defaults.beta2,
    epsilon: defaults.epsilon,
    dataset: parts.dataset,
    initial: parts.initial,
    backend: parts.backend,
    threads: settings.threads ?? defaults.threads,
    wire: settings.wire ?? parts.defaultWire,
    weightsWire: settings.weightsWire ?? 'f32',
    gradients: resolveGradients(settings.gradients, parts.backend),
    localIterations: settings.localIterations ?? 0,
    emaHalfLife: settings.emaHalfLife ?? defaults.emaHalfLife,
    augment: settings.augment ?? [],
    quorum: settings.quorum ?? null,
    quorumAfterMs: settings.quorumAfterMs,
    checkpointEvery: settings.checkpointEvery ?? defaults.checkpointEvery,
    sampleEvery: settings.sampleEvery ?? defaults.sampleEvery,
    scoreEvery: settings.scoreEvery ?? 0,
    scoreCount: settings.scoreCount,
    sampleCount: defaults.sampleCount,
  };
}
