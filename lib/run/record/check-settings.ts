import type { ProgramLibrary } from '../programs/program-library.ts';
import { checkAugment } from './augment.ts';
import { resolveProgram } from './run-program.ts';
import { type ResolvedParts, resolveConfig, type TrainSettings } from './settings.ts';
import { checkShards } from './shard-groups.ts';

/** Values that no rule over several settings depends on, for checking the settings alone. */
const PLACEHOLDER_PARTS: ResolvedParts = {
  runId: '20260131-235959-0a1b',
  createdAt: new Date(0),
  dataset: { name: '-', sha256: '0'.repeat(64), examples: 1 },
  backend: 'native',
  defaultWire: 'f32',
};

/**
 * Check what can be refused before a store is looked at.
 *
 * @param programs where the settings' program is
 * @param parts what the place where it runs decides, as far as it is known
 * @throws UsageError when settings do not fit together, such as more shards than examples, or do not
 *   fit the program
 */
export async function checkSettings(
  settings: TrainSettings,
  programs: ProgramLibrary,
  parts: Partial<Pick<ResolvedParts, 'backend' | 'defaultShards'>> = {},
): Promise<void> {
  const { program, parts: own } = await resolveProgram(programs, settings, undefined);
  const config = resolveConfig(settings, { ...PLACEHOLDER_PARTS, ...parts, ...own });
  checkShards(program, config);
  checkAugment(program, config);
}
