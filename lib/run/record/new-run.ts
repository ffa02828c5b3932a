import { checkExampleShape, resolveDataset } from '../../data/resolve.ts';
import type { ProgramRegistry } from '../../program/registry.ts';
import type { Store } from '../../store/store.ts';
import type { RunConfig } from './config.ts';
import {
  datasetName,
  programReference,
  type ResolvedParts,
  resolveConfig,
  type TrainSettings,
} from './settings.ts';
import { checkShards } from './shard-groups.ts';

/** What stands for what is not known yet, to check settings by themselves. */
const PLACEHOLDER: ResolvedParts = {
  runId: '20260131-235959-0a1b',
  createdAt: new Date(0),
  dataset: { name: '-', sha256: '0'.repeat(64), examples: 1 },
  backend: 'wasm',
  defaultWire: 'f32',
};

/**
 * Refuse what can be refused of a new run's settings without looking at the store.
 *
 * @throws z.ZodError or UsageError that says what does not fit
 */
export function checkSettings(programs: ProgramRegistry, settings: TrainSettings): void {
  const program = programs.adapt(programReference(settings), undefined);
  checkShards(programs.create(program), resolveConfig(settings, { ...PLACEHOLDER, program }));
}

/**
 * A new run's config, with its dataset found and its program made to fit it. Writes nothing, but the
 * built-in dataset when it is first asked for.
 *
 * @throws z.ZodError, UsageError or LambduelError that says what does not fit, or is not there
 */
export async function newRunConfig(
  store: Store,
  programs: ProgramRegistry,
  settings: TrainSettings,
  parts: Omit<ResolvedParts, 'dataset' | 'program'>,
): Promise<RunConfig> {
  checkSettings(programs, settings);
  const { reference, form } = await resolveDataset(store, datasetName(settings));
  const program = programs.adapt(programReference(settings), form);
  checkExampleShape(form, programs.create(program).exampleShape);
  return resolveConfig(settings, { ...parts, dataset: reference, program });
}
