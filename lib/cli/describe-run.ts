import { DIGITS } from '../data/digits.ts';
import { formatCount } from '../observe/format.ts';
import type { RunConfig } from '../run/record/config.ts';
import type { ResolvedParts } from '../run/record/settings.ts';

/** What a run's config needs beside its settings, made up: for checking the settings alone. */
export const PLACEHOLDER_PARTS: ResolvedParts = {
  runId: '20260131-235959-0a1b',
  createdAt: new Date(0),
  dataset: { name: DIGITS, sha256: '0'.repeat(64), examples: 1 },
  backend: 'native',
  defaultWire: 'f32',
};

/** A new run in a sentence. @param workers where their number is known */
export function describeRun(config: RunConfig, workers?: number): string {
  const { runId, preset, dataset, batch, shards, backend, iterations } = config;
  const fleet = workers === undefined ? '' : `${formatCount(workers, 'worker')}, `;
  return (
    `Run ${runId}: preset ${preset}, ${iterations} iterations on ${dataset.name} ` +
    `(${dataset.examples} images), batch ${batch} in ${shards} shards, ${fleet}${backend} backend`
  );
}
