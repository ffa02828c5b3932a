import { z } from 'zod';
import { UsageError } from '../../errors.ts';
import {
  PROGRAM_FORMAT,
  type SettingDefaults,
  type SettingValue,
  type TrainingDefaults,
} from '../../program/define-program.ts';
import type { DatasetForm, Program } from '../../program/program.ts';
import { ProgramError } from '../errors.ts';
import { runConfigSchema } from '../record/config.ts';

const MAX_SETTINGS = 100;
const MAX_TEXT = 1000;

const { shape } = runConfigSchema;

/** How a program is best trained: the limits are those of a run's config. */
const trainingSchema = z.strictObject({
  iterations: shape.iterations.optional(),
  batch: shape.batch.optional(),
  shards: shape.shards.optional(),
  learningRate: shape.learningRate.optional(),
  beta1: shape.beta1.optional(),
  beta2: shape.beta2.optional(),
  epsilon: shape.epsilon.optional(),
  emaHalfLife: shape.emaHalfLife.unwrap().optional(),
  checkpointEvery: shape.checkpointEvery.optional(),
  sampleEvery: shape.sampleEvery.optional(),
});

const settingValueSchema = z.union([z.number(), z.boolean(), z.string().max(MAX_TEXT)]);

const isFunction = (value: unknown) => typeof value === 'function';

const definitionSchema = z.object({
  format: z.literal(PROGRAM_FORMAT, {
    error: 'what is exported by default is not made by defineProgram',
  }),
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens'),
  settings: z
    .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/), settingValueSchema)
    .refine((settings) => Object.keys(settings).length <= MAX_SETTINGS, 'are too many')
    .default({}),
  training: trainingSchema.default({}),
  adapt: z
    .custom<(settings: unknown, dataset: DatasetForm) => unknown>(isFunction, 'must be a function')
    .optional(),
  create: z.custom<(settings: unknown) => Program>(isFunction, 'must be a function'),
});

/** What a program file exports, checked as far as can be without running it. */
export type OwnDefinition = z.infer<typeof definitionSchema> & {
  readonly settings: SettingDefaults;
  readonly training: TrainingDefaults;
};

/** @param exported a module's default export @throws ProgramError that says what is wrong with it */
export function parseDefinition(exported: unknown): OwnDefinition {
  if (exported === undefined) {
    throw new ProgramError('The program file exports nothing by default', {
      hint: 'End it with `export default defineProgram({...})`; see docs/programs.md.',
    });
  }
  const result = definitionSchema.safeParse(exported);
  if (result.success) return result.data as OwnDefinition;
  const problems = result.error.issues.map(({ path, message }) =>
    path.length === 0 || path[0] === 'format' ? message : `${path.join('.')} ${message}`,
  );
  throw new ProgramError(`The program file is not a program: ${problems.join('; ')}`, {
    hint: 'Write `export default defineProgram({...})`; see docs/programs.md.',
  });
}

/**
 * All settings of a program, of the types of their defaults. Texts, as `--set` has them, are read as
 * such a type.
 *
 * @throws UsageError when there is no such setting, or a value is of another type
 */
export function resolveSettings(
  { name: program, settings: defaults }: OwnDefinition,
  given: Readonly<Record<string, unknown>>,
): Record<string, SettingValue> {
  const known = Object.keys(defaults);
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(defaults, name));
  if (unknown.length > 0) {
    throw new UsageError(`Program ${program} has no setting ${unknown.join(', ').slice(0, 200)}`, {
      hint: known.length > 0 ? `It has ${known.join(', ')}.` : 'It has no settings.',
    });
  }
  return Object.fromEntries(
    Object.entries(defaults).map(([name, usual]) => {
      const value = Object.hasOwn(given, name) ? readAs(usual, given[name]) : usual;
      if (value !== undefined) return [name, value];
      const kind = typeof usual === 'boolean' ? 'true or false' : `a ${KINDS[typeof usual]}`;
      throw new UsageError(
        `Setting ${name} of program ${program} must be ${kind}, not ${shown(given[name])}`,
      );
    }),
  );
}

/** A value that may be of any form, and nested too deeply to be written. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 200));
  return typeof value === 'object' ? 'a list or an object' : String(value);
}

const KINDS: Readonly<Record<string, string>> = { number: 'number', string: 'text' };

function readAs(usual: SettingValue, value: unknown): SettingValue | undefined {
  if (typeof usual === 'string') {
    return typeof value === 'string' && value.length <= MAX_TEXT ? value : undefined;
  }
  if (typeof value === typeof usual) return isFinal(value) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  if (typeof usual === 'boolean') return { true: true, false: false }[value];
  const number = value.trim() === '' ? Number.NaN : Number(value);
  return isFinal(number) ? number : undefined;
}

function isFinal(value: unknown): value is number | boolean {
  return typeof value === 'boolean' || Number.isFinite(value);
}
