import { iterationsOfSamples, runKeys } from '../../run/record/keys.ts';
import type { Store } from '../../store/store.ts';

/** More make the page heavy and show little more. */
const MAX_GRIDS = 120;
const CONCURRENT_READS = 16;

/** A sample grid as the page holds it. */
export interface Grid {
  /** Iterations complete when it was drawn. */
  readonly iteration: number;
  readonly url: string;
  /** Pixels of the image's width. */
  readonly width: number;
}

/** A run's sample grids. */
export interface Grids {
  readonly shown: readonly Grid[];
  /** How many the store has. */
  readonly stored: number;
}

/** Read a run's sample grids. Very many are thinned out evenly; the first and the last stay. */
export async function readGrids(store: Store, runId: string): Promise<Grids> {
  const iterations = iterationsOfSamples(await store.list(runKeys.allSamples(runId)));
  const chosen = thinOut(iterations);
  const shown: Grid[] = [];
  for (let i = 0; i < chosen.length; i += CONCURRENT_READS) {
    const batch = chosen.slice(i, i + CONCURRENT_READS);
    shown.push(...(await Promise.all(batch.map((iteration) => readGrid(store, runId, iteration)))));
  }
  return { shown, stored: iterations.length };
}

function thinOut(iterations: readonly number[]): number[] {
  const count = Math.min(iterations.length, MAX_GRIDS);
  const last = iterations.length - 1;
  return Array.from({ length: count }, (_, i) => {
    return iterations[count === 1 ? last : Math.round((i * last) / (count - 1))] as number;
  });
}

async function readGrid(store: Store, runId: string, iteration: number): Promise<Grid> {
  const { bytes } = await store.get(runKeys.samples(runId, iteration));
  const png = Buffer.from(bytes);
  const width = png.length >= 24 ? png.readUInt32BE(16) : 0; // of the header, which comes first
  return { iteration, url: `data:image/png;base64,${png.toString('base64')}`, width };
}
