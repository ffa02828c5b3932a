import type { Program } from '../../program/program.ts';
import { checkAugment } from '../record/augment.ts';
import type { RunConfig } from '../record/config.ts';
import { checkShards } from '../record/shard-groups.ts';
import type { CoordinatorContext } from './context.ts';

/** A run's config, and the program that it names. */
export interface LoadedRun {
  readonly config: RunConfig;
  readonly program: Program;
  /** Of a program file: what its generator files carry. */
  readonly bundle?: Uint8Array | undefined;
}

/** @throws LambduelError when there is no such program, or the config does not fit it */
export async function loadRun(
  { programs }: Pick<CoordinatorContext, 'programs'>,
  config: RunConfig,
): Promise<LoadedRun> {
  const program = await programs.load(config.program);
  // The config may have been changed by hand.
  checkShards(program, config);
  checkAugment(program, config);
  return { config, program, bundle: await programs.bundleOf(config.program) };
}
