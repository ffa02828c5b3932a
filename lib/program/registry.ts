import { z } from 'zod';
import { InvalidDataError, UsageError } from '../errors.ts';
import type { DatasetForm, Program, ProgramDefinition } from './program.ts';
import type { ProgramReference } from './program-reference.ts';
import type { ProgramSource } from './program-source.ts';

/** A definition without the type of its settings. */
interface Registered {
  readonly create: (settings: unknown) => Program;
  readonly adapt: (settings: unknown, dataset: DatasetForm | undefined) => object;
}

/** Programs by name. A run's config names its program. */
export class ProgramRegistry implements ProgramSource {
  readonly #programs = new Map<string, Registered>();

  register<Settings extends object>(definition: ProgramDefinition<Settings>): this {
    const { name, settings: schema, create, adapt = (asked) => asked } = definition;
    this.#programs.set(name, {
      create: (raw) => {
        const settings = schema.safeParse(raw);
        if (settings.success) return create(settings.data);
        throw new InvalidDataError(
          `The settings of program ${name} are not valid: ${z.prettifyError(settings.error)}`,
        );
      },
      adapt: (raw, dataset) => {
        const settings = schema.safeParse(raw);
        if (!settings.success) throw refusal(name, settings.error);
        return adapt(settings.data, dataset);
      },
    });
    return this;
  }

  /** @throws InvalidDataError when there is no such program or its settings are not valid */
  create({ name, settings }: ProgramReference): Program {
    return this.#find(name).create(settings);
  }

  /**
   * The program of a new run, with its settings made to fit the dataset.
   *
   * @param dataset undefined: not known yet; the settings are checked by themselves
   * @throws UsageError when the program does not take these settings, or they do not fit the dataset
   */
  adapt({ name, settings }: ProgramReference, dataset: DatasetForm | undefined): ProgramReference {
    return { name, settings: { ...this.#find(name).adapt(settings, dataset) } };
  }

  /** See {@link create}. */
  async load(reference: ProgramReference): Promise<Program> {
    return this.create(reference);
  }

  /** None of its programs is of a file. */
  async bundleOf(): Promise<undefined> {}

  #find(name: string): Registered {
    const found = this.#programs.get(name);
    if (found) return found;
    const known = [...this.#programs.keys()].join(', ');
    throw new InvalidDataError(`There is no program ${name}; known: ${known}`);
  }
}

function refusal(name: string, error: z.ZodError): UsageError {
  const problems = error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `program ${name} has no setting ${issue.keys.join(', ')}`
      : `setting ${issue.path.join('.')} of program ${name}: ${issue.message}`,
  );
  return new UsageError(problems.join('; '), {
    hint: 'Leave the setting out, or choose a preset whose program has it.',
  });
}
