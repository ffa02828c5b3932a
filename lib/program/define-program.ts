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
  /** Iterations of the whole run. */
  readonly iterations?: number;
  /** Examples of a step's global batch. */
  readonly batch?: number;
  /** Shards of the batch: the number of jobs per step. */
  readonly shards?: number;
  /** Adam's step size. */
  readonly learningRate?: number;
  /** Decay of Adam's first moments. */
  readonly beta1?: number;
  /** Decay of Adam's second moments. */
  readonly beta2?: number;
  /** What Adam adds to the root of a second moment. */
  readonly epsilon?: number;
  /** Examples that halve a weight's share in the generator's average; 0: no average is kept. */
  readonly emaHalfLife?: number;
  /** Iterations from checkpoint to checkpoint; 0: only at the end. */
  readonly checkpointEvery?: number;
  /** Iterations from sample grid to sample grid; 0: only at the end. */
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
  OwnProgram<Defaults> & {
    /** The form of the interface that the program was written for. */
    readonly format: typeof PROGRAM_FORMAT;
  };

/**
 * Define a program of one's own: `export default defineProgram({...})`. See docs/programs.md.
 *
 * It checks nothing. `lambduel train` and `lambduel program check` check what the file exports.
 *
 * @param program networks, phases and losses, made from settings
 * @returns what a program file exports
 */
export function defineProgram<const Defaults extends SettingDefaults>(
  program: OwnProgram<Defaults>,
): DefinedProgram<Defaults> {
  return { format: PROGRAM_FORMAT, ...program };
}
