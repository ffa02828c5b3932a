import type { DatasetForm, Program } from './program.ts';

/** The form of what a program file exports. It changes with the interface of programs. */
export const PROGRAM_FORMAT = 'lambduel-program-1';

/** What a setting may be: `--set name=value` is read as the type of its default. */
export type SettingValue = number | boolean | string;

/** Settings by name, with their defaults. */
export type SettingDefaults = Readonly<Record<string, SettingValue>>;

/** Settings as a program gets them: of the types that their defaults have. */
export type SettingsOf<Defaults extends SettingDefaults> = {
  readonly [Name in keyof Defaults]: Widened<Defaults[Name]>;
};

type Widened<Value extends SettingValue> = Value extends number
  ? number
  : Value extends boolean
    ? boolean
    : string;

/** How a program is best trained. An option of `lambduel train` goes before it. */
export interface TrainingDefaults {
  readonly iterations?: number;
  readonly batch?: number;
  readonly shards?: number;
  readonly learningRate?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly emaHalfLife?: number;
  readonly checkpointEvery?: number;
  readonly sampleEvery?: number;
}

/** What a program file says about its program. */
export interface OwnProgram<Defaults extends SettingDefaults = SettingDefaults> {
  /** Lower-case letters, digits and hyphens. Not the name of a built-in program. */
  readonly name: string;
  /** What `--set` can change. Default: nothing. */
  readonly settings?: Defaults;
  /** Default: those of the preset `digits`. */
  readonly training?: TrainingDefaults;
  /**
   * The settings of a new run, made to fit its dataset. They are fixed in the run. Default: as they
   * were asked for.
   */
  readonly adapt?: (settings: SettingsOf<Defaults>, dataset: DatasetForm) => SettingsOf<Defaults>;
  /** Must follow from the settings alone. */
  readonly create: (settings: SettingsOf<Defaults>) => Program;
}

/** A program file's default export. */
export type DefinedProgram<Defaults extends SettingDefaults = SettingDefaults> =
  OwnProgram<Defaults> & { readonly format: typeof PROGRAM_FORMAT };

/**
 * Define a program of one's own: `export default defineProgram({...})`. See docs/programs.md.
 *
 * @param program networks, phases and losses, made from settings
 */
export function defineProgram<const Defaults extends SettingDefaults>(
  program: OwnProgram<Defaults>,
): DefinedProgram<Defaults> {
  return { format: PROGRAM_FORMAT, ...program };
}
