import { describe, expect, it } from 'vitest';
import { encodeGrid, encodeImage } from '../../lib/observe/png.ts';
import { attachSampleWriter } from '../../lib/observe/sample-writer.ts';
import { RunEventBus } from '../../lib/run/events.ts';
import { RUN_ID, temporaryStore } from './support.ts';

const SAMPLE = {
  pixels: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  examples: 2,
  shape: [2, 2, 1],
} as const;
const GRID = encodeGrid(SAMPLE.pixels, 2, SAMPLE.shape);

async function attach() {
  const store = await temporaryStore();
  const bus = new RunEventBus();
  attachSampleWriter(bus, store, RUN_ID);
  const keys = async () => (await store.list(`runs/${RUN_ID}/`)).map(({ key }) => key);
  return { store, bus, keys };
}

describe('the sample writer', () => {
  it('stores each grid under the iterations that are complete', async () => {
    const { store, bus } = await attach();

    await bus.emit('sample', { iteration: 10, ...SAMPLE });

    const { bytes } = await store.get(`runs/${RUN_ID}/samples/10.png`);
    expect(Buffer.compare(bytes, GRID)).toBe(0);
  });

  it('takes a grid that a resume draws again as no error', async () => {
    const { bus } = await attach();
    await bus.emit('sample', { iteration: 10, ...SAMPLE });

    await expect(bus.emit('sample', { iteration: 10, ...SAMPLE })).resolves.toBeUndefined();
  });

  it('stores the first image of the last grid when the run is finished', async () => {
    const { store, bus } = await attach();
    await bus.emit('sample', { iteration: 10, ...SAMPLE, pixels: new Uint8Array(8) });
    await bus.emit('sample', { iteration: 20, ...SAMPLE });

    await bus.emit('ended', { status: 'finished', iteration: 20 });

    const { bytes } = await store.get(`runs/${RUN_ID}/sample.png`);
    expect(Buffer.compare(bytes, encodeImage(Uint8Array.of(1, 2, 3, 4), SAMPLE.shape))).toBe(0);
  });

  it('stores no single image of a run that is only stopped', async () => {
    const { bus, keys } = await attach();
    await bus.emit('sample', { iteration: 10, ...SAMPLE });

    await bus.emit('ended', { status: 'stopped', iteration: 12 });

    expect(await keys()).toEqual([`runs/${RUN_ID}/samples/10.png`]);
  });
});
