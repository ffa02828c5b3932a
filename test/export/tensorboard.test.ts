import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { attachMetricsWriter } from '../../lib/observe/metrics.ts';
import { encodeGrid } from '../../lib/observe/png.ts';
import { crc32c } from '../../lib/observe/tensorboard/crc32c.ts';
import { scalarsRecord } from '../../lib/observe/tensorboard/events.ts';
import { RunEventBus } from '../../lib/run/events.ts';
import { runKeys } from '../../lib/run/record/keys.ts';
import { programReference, trainSettingsSchema } from '../../lib/run/record/settings.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { runHere } from '../cli/here.ts';
import { testFolders } from '../support/folders.ts';
import { PYTHON, pythonHas } from './python-module.ts';
import { readEvents } from './read-events.ts';
import { storeFinishedRun } from './trained.ts';

const run = promisify(execFile);
const folder = testFolders();
const SCRIPT = fileURLToPath(new URL('./read-tensorboard.py', import.meta.url));
const GRID = encodeGrid(new Uint8Array(6 * 4).fill(9), 6, [2, 2, 1]);
const LOSSES = [1.5, 0.25, 1e-3];
let [root, out, id] = ['', '', ''];

beforeAll(async () => {
  [root, out] = [await folder(), await folder()];
  const store = await DiskStore.open(root);
  const program = programReference(trainSettingsSchema.parse({}));
  ({ id } = await storeFinishedRun(store, program));
  const bus = new RunEventBus();
  const { flush } = attachMetricsWriter(bus, store, id, { everyMs: 1e9 });
  for (const [iteration, dLoss] of LOSSES.entries()) {
    await bus.emit('iteration', { iteration, epoch: 1, metrics: { dLoss }, ms: 250, steps: [] });
  }
  await flush();
  await store.create(runKeys.samples(id, 3), GRID);
  const { code, stderr } = await runHere(['export', id, '--tensorboard', out, '--store', root]);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain(`3 iterations and 1 sample grid of run ${id} for TensorBoard`);
});

const losses = LOSSES.map((value, step) => [step, Math.fround(value)]);

test('an event file has all metrics, and the sample grids', async () => {
  const [name = '', ...others] = await readdir(out);
  expect([name, others]).toEqual([expect.stringMatching(/^events\.out\.tfevents\.\d{10}\./), []]);
  const { version, scalars, images } = readEvents(await readFile(join(out, name)));
  expect(version).toBe('brain.Event:2');
  expect(scalars).toEqual({ dLoss: losses, iterationMs: LOSSES.map((_, step) => [step, 250]) });
  expect(images).toEqual([[3, 10, 7, GRID]]);
});

test.skipIf(!pythonHas('tensorboard'))('TensorBoard reads the same', async () => {
  const { stdout } = await run(PYTHON, [SCRIPT, out]);
  expect(JSON.parse(stdout)).toMatchObject({
    scalars: { dLoss: losses },
    images: { samples: [[3, 10, 7]] },
  });
});

test('a generator file has no metrics', async () => {
  const { code, stderr } = await runHere([
    'export',
    'g.safetensors',
    '--tensorboard',
    join(out, 'x'),
  ]);
  expect([code, stderr]).toEqual([2, expect.stringContaining('a generator file has no metrics')]);
});

test('CRC-32C is that of the standard', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});

test('any scalars and steps are read back', () => {
  const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 });
  const step = fc.integer({ min: 0, max: 2 ** 40 });
  fc.assert(
    fc.property(names, step, fc.float({ noNaN: true }), (name, at, value) => {
      const record = scalarsRecord({ seconds: 1.7e9, step: at }, { [name]: value });
      expect(readEvents(Buffer.from(record)).scalars).toEqual({ [name]: [[at, value]] });
    }),
  );
});
