import { exampleValues } from '../program/example-shape.ts';
import type { RunEventBus, RunEvents } from '../run/events.ts';
import { runKeys } from '../run/record/keys.ts';
import { createUnlessThere } from '../store/create-unless-there.ts';
import type { Store } from '../store/store.ts';
import { encodeGrid, encodeImage } from './png.ts';

/** Store each sample grid as a PNG, and one image by itself when the run is finished. */
export function attachSampleWriter(bus: RunEventBus, store: Store, runId: string): void {
  let last: RunEvents['sample'] | undefined;
  bus.on('sample', async (sample) => {
    last = sample;
    const { iteration, pixels, examples, shape } = sample;
    const grid = encodeGrid(pixels, examples, shape);
    // After a resumption an iteration's grid is drawn again, from the same weights and noise.
    await createUnlessThere(store, runKeys.samples(runId, iteration), grid);
  });
  bus.on('ended', async ({ status }) => {
    if (status !== 'finished' || !last) return;
    const { pixels, shape } = last;
    const image = encodeImage(pixels.subarray(0, exampleValues(shape)), shape);
    await store.put(runKeys.singleSample(runId), image);
  });
}
