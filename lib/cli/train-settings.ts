import { createReadStream } from 'node:fs';
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { messageOf, UsageError } from '../errors.ts';
import { settingsError } from '../run/record/problems.ts';
import { fleetShape, type TrainSettings, trainSettingsSchema } from '../run/record/settings.ts';

/** What `train` takes beside a run's settings: how this machine runs it. */
const cliSettingsSchema = trainSettingsSchema.extend({
  ...fleetShape,
  backend: z.enum(['auto', 'native', 'wasm']).optional(),
  /** A program file's path. */
  program: z.string().min(1).optional(),
  /** A run's id, or the paths of files of weights. */
  initFrom: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(64)]).optional(),
});

/** Settings of `train`, from its options and its configuration file. */
export type CliSettings = z.infer<typeof cliSettingsSchema>;

/** The same, with a program file's bundle in place of its path. */
export type StartSettings = TrainSettings & Pick<CliSettings, 'workers' | 'fleet' | 'backend'>;

/** Options as commander has them. */
export type TrainOptionValues = Readonly<
  Record<string, string | true | readonly string[] | undefined>
> & {
  /** `name=value` each. */
  readonly set?: readonly string[] | undefined;
  /** A run, or files. */
  readonly initFrom?: readonly string[] | undefined;
};

const MAX_CONFIG_CHARACTERS = 2 ** 20;
const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;

/**
 * Options as they were given, over those of a configuration file, which has the same names in camel
 * case.
 *
 * @throws UsageError that names the option or the file's key, and says what it may be
 */
export async function readSettings(
  { set, initFrom, ...options }: TrainOptionValues,
  configFile: string | undefined,
): Promise<CliSettings> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const values: Record<string, unknown> = Object.fromEntries(
    given.map(([key, value]) => [
      key,
      key === 'program' ? value : parseValue(value as string | true),
    ]),
  );
  if (set) values.set = parseAssignments(set);
  if (initFrom) values.initFrom = initFrom;
  const fromFile = configFile === undefined ? {} : await readConfigFile(configFile);
  check(values, (key) => `--${kebab(key)}`);
  return check({ ...fromFile, ...values }, (key) =>
    key in values ? `--${kebab(key)}` : `${configFile ?? 'settings'}: ${key}`,
  );
}

/** As many workers as shards, but not more than cores. */
export function workerCount(settings: Pick<CliSettings, 'workers'>, shards: number): number {
  return settings.workers ?? Math.min(availableParallelism(), shards);
}

async function readConfigFile(path: string): Promise<Record<string, unknown>> {
  const text = await readStart(path).catch((cause: unknown) => {
    throw new UsageError(`The configuration file cannot be read: ${messageOf(cause)}`, { cause });
  });
  if (text.length > MAX_CONFIG_CHARACTERS) {
    throw new UsageError(`The configuration file ${path} is larger than any can be`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${path} is not JSON: ${messageOf(cause)}`, { cause });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new UsageError(`${path} must hold one JSON object, as {"preset": "digits", "batch": 64}`);
  }
  check(json as Record<string, unknown>, (key) => `${path}: ${key}`);
  return json as Record<string, unknown>;
}

/** Reads just enough of a file, which may be a pipe, to see whether it is too large. */
async function readStart(path: string): Promise<string> {
  const stream = createReadStream(path, { encoding: 'utf8', end: MAX_CONFIG_CHARACTERS });
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}

function check(values: Record<string, unknown>, nameOf: (key: string) => string): CliSettings {
  const result = cliSettingsSchema.safeParse(values);
  if (result.success) return result.data;
  const hint = '`lambduel train --help` lists the options.';
  throw settingsError(result.error, values, { nameOf, hint });
}

/** An option without a value is true. */
function parseValue(text: string | true): string | number | true {
  return text !== true && NUMBER.test(text) ? Number(text) : text;
}

/** Settings from `name=value` each; the last one of a name counts. */
export function parseAssignments(assignments: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    assignments.map((assignment) => {
      const at = assignment.indexOf('=');
      if (at > 0) return [assignment.slice(0, at), assignment.slice(at + 1)];
      throw new UsageError(`--set ${assignment}: must be a name, "=" and a value`, {
        hint: 'Write --set features=16, once for each setting.',
      });
    }),
  );
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
