import { DatasetCache } from '../lib/data/dataset.ts';
import type { DatasetMeta } from '../lib/data/dataset-meta.ts';
import { ensureDigits } from '../lib/data/digits.ts';
import { numberedLabels } from '../lib/data/labels.ts';
import { packDataset } from '../lib/data/pack.ts';
import { spread } from '../lib/score/images.ts';
import type { Store } from '../lib/store/store.ts';

/** The name of {@link packFewDigits}. */
export const FEW_DIGITS = 'few-digits';

const EXAMPLES = 200;

/**
 * Some of each class of the digits, with labels, mirrored at random while training: so few that they
 * are scored against in no time.
 */
export async function packFewDigits(store: Store): Promise<DatasetMeta> {
  const digits = await new DatasetCache(store).load(await ensureDigits(store));
  const indices = spread(EXAMPLES, digits.examples);
  return packDataset(store, {
    name: FEW_DIGITS,
    images: Uint8Array.from(digits.gather(indices), (value) => Math.round(255 * value)),
    examples: EXAMPLES,
    shape: digits.meta.shape,
    labels: numberedLabels(digits.gatherLabels(indices)),
    mirror: true,
    source: 'some of the digits',
  });
}
