import { z } from 'zod';
import { InvalidDataError } from '../errors.ts';
import { mlpGan } from './mlp-gan.ts';
import type { Program, ProgramDefinition } from './program.ts';

/** A program by its name, and its settings: what a run's config and its jobs hold. */
export const programReferenceSchema = z.strictObject({
  name: z.string().min(1).max(64),
  settings: z.record(z.string(), z.unknown()),
});

/** See {@link programReferenceSchema}. */
export type ProgramReference = z.infer<typeof programReferenceSchema>;

/** The programs that a coordinator and its workers know. */
export class ProgramRegistry {
  readonly #programs = new Map<string, (settings: unknown) => Program>();

  register<Settings>(definition: ProgramDefinition<Settings>): this {
    this.#programs.set(definition.name, (raw) => {
      const settings = definition.settings.safeParse(raw);
      if (settings.success) return definition.create(settings.data);
      throw new InvalidDataError(
        `The settings of program ${definition.name} are not valid: ${z.prettifyError(settings.error)}`,
      );
    });
    return this;
  }

  /** @throws InvalidDataError when there is no such program or its settings are not valid */
  create({ name, settings }: ProgramReference): Program {
    const create = this.#programs.get(name);
    if (create) return create(settings);
    const known = [...this.#programs.keys()].join(', ');
    throw new InvalidDataError(`There is no program ${name}; known: ${known}`);
  }
}

/** The programs that ship with Lambduel. */
export function builtInPrograms(): ProgramRegistry {
  return new ProgramRegistry().register(mlpGan);
}
