import { builtInPrograms } from '../../program/built-in.ts';
import { checkAugment } from './augment.ts';
import {
  programReference,
  type ResolvedParts,
  resolveConfig,
  type TrainSettings,
} from './settings.ts';
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
 * @param parts what the place where it runs decides, as far as it is known
 * @throws UsageError when settings do not fit together, such as more shards than examples, or do not
 *   fit the program
 */
export function checkSettings(
  settings: TrainSettings,
  parts: Partial<Pick<ResolvedParts, 'backend' | 'defaultShards'>> = {},
): void {
  const programs = builtInPrograms();
  const program = programs.adapt(programReference(settings), undefined);
  const config = resolveConfig(settings, { ...PLACEHOLDER_PARTS, ...parts, program });
  const created = programs.create(program);
  checkShards(created, config);
  checkAugment(created, config);
}
