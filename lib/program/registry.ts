import { z } from 'zod';
import { InvalidDataError } from '../errors.ts';
import type { Program, ProgramDefinition } from './program.ts';
import type { ProgramReference } from './program-reference.ts';

/** Programs by their names: whoever has a run's config finds its program here. */
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
