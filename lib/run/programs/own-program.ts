import { LambduelError, messageOf } from '../../errors.ts';
import type { SettingValue, TrainingDefaults } from '../../program/define-program.ts';
import type { DatasetForm, Program } from '../../program/program.ts';
import { ProgramError } from '../errors.ts';
import type { BundleTrace } from './bundle-trace.ts';
import { checkProgram } from './check-program.ts';
import { type Guard, guardProgram } from './guard-program.ts';
import { importBundle } from './import-bundle.ts';
import { type OwnDefinition, parseDefinition, resolveSettings } from './own-definition.ts';

/** TensorFlow.js calls itself more often than the usual 10 before it notices that shapes do not fit. */
const DEEP_STACK = 60;

type Settings = Readonly<Record<string, unknown>>;

/** A program file whose code has run. Everything that its code throws becomes a ProgramError. */
export class OwnProgram {
  readonly #definition: OwnDefinition;
  readonly #guard: Guard;

  private constructor(definition: OwnDefinition, trace: BundleTrace) {
    this.#definition = definition;
    this.#guard = (what, call) => {
      const limit = Error.stackTraceLimit;
      Error.stackTraceLimit = DEEP_STACK;
      try {
        return call();
      } catch (error) {
        throw locatedError(error, trace, what);
      } finally {
        Error.stackTraceLimit = limit;
      }
    };
  }

  /** @param bytes of a bundle whose hash was checked @throws ProgramError when it is no program */
  static async import(bytes: Uint8Array): Promise<OwnProgram> {
    const { exported, trace } = await importBundle(bytes, (error, where) =>
      locatedError(error, where, 'the file itself'),
    );
    return new OwnProgram(parseDefinition(exported), trace);
  }

  get name(): string {
    return this.#definition.name;
  }

  get training(): TrainingDefaults {
    return this.#definition.training;
  }

  /** Settings of a new run. @throws UsageError when there is no such setting */
  adapt(given: Settings, dataset: DatasetForm | undefined): Record<string, SettingValue> {
    const settings = resolveSettings(this.#definition, given);
    const { adapt } = this.#definition;
    if (!adapt || !dataset) return settings;
    const adapted = this.#guard('adapt', () => adapt({ ...settings }, dataset));
    return resolveSettings(this.#definition, { ...(adapted as Settings) });
  }

  /** @throws ProgramError when this is not a program */
  create(given: Settings): Program {
    const settings = resolveSettings(this.#definition, given);
    const created: unknown = this.#guard('create', () => this.#definition.create({ ...settings }));
    checkProgram(created);
    return guardProgram(created, this.#guard);
  }
}

function locatedError(error: unknown, trace: BundleTrace, what: string): Error {
  if (error instanceof LambduelError) return error;
  const where = trace.locate(error);
  const at = where === undefined ? '' : `${where}: `;
  return new ProgramError(`${at}${messageOf(error)} (in ${what})`, {
    cause: error,
    ...(where === undefined ? { hint: 'The error is in the program file.' } : {}),
  });
}
