import { findDataset } from '../lib/data/list.ts';
import { builtInPrograms } from '../lib/program/built-in.ts';
import { initialState } from '../lib/run/record/training-state.ts';
import type { Store } from '../lib/store/store.ts';
import { crc32 } from '../lib/wire/checksum.ts';
import type { GradientJob } from '../lib/wire/messages.ts';
import { encodeParameters } from '../lib/wire/parameters.ts';
import { gradientJob } from './messages.ts';

/** A job of `mlp-gan` that a worker can do: weights as they are at first, and the built-in digits. */
export async function realJob(store: Store): Promise<GradientJob> {
  const program = { name: 'mlp-gan', settings: { outputScale: 1 } };
  const weights: GradientJob['weights'] = {};
  for (const [network, { layout, adam }] of initialState(builtInPrograms().create(program), 5)) {
    const bytes = encodeParameters(layout, adam.parameters);
    const key = `weights/${network}`;
    await store.create(key, bytes);
    weights[network] = { key, crc32: crc32(bytes) };
  }
  const dataset = await findDataset(store, 'digits');
  return gradientJob({ program, weights, dataset, gradients: 'compiled', wire: 'f16', seed: 5 });
}
