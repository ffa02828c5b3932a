import { dcgan } from './dcgan.ts';
import { mlpGan } from './mlp-gan.ts';
import { ProgramRegistry } from './registry.ts';

/** The programs that ship with Lambduel. */
export function builtInPrograms(): ProgramRegistry {
  return new ProgramRegistry().register(mlpGan).register(dcgan);
}
