import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { bundleProgram } from '../../lib/bundle/bundle-program.ts';
import type { ProgramReference } from '../../lib/program/program-reference.ts';
import { storeBundle } from '../../lib/run/programs/store-bundle.ts';
import { programReference, trainSettingsSchema } from '../../lib/run/record/settings.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { runHere } from '../cli/here.ts';
import { testFolders } from '../support/folders.ts';
import { ROOT } from '../support/imports.ts';
import { findChromium, openPage } from './chromium.ts';
import { COUNT, generated, inputsOf, largestDifference } from './drawn.ts';
import { served } from './served.ts';
import { smallDcgan, storeFinishedRun } from './trained.ts';

const run = promisify(execFile);
const folder = testFolders();
const CHROMIUM = findChromium();
const PAGE = fileURLToPath(new URL('./page', import.meta.url));
const TFJS = join(ROOT, 'node_modules/@tensorflow/tfjs/dist');
const SCRIPT = fileURLToPath(new URL('./plain-tfjs.mjs', import.meta.url));

async function newStore() {
  const [root, out] = [await folder(), await folder()];
  return { root, out, store: await DiskStore.open(root) };
}

async function ownProgram(store: DiskStore) {
  const bundle = await bundleProgram(join(ROOT, 'support', 'program-file.ts'));
  await storeBundle(store, bundle);
  const settings = { hidden: 12, latent: 6, slow: false, note: '' };
  return { name: 'small-gan', settings, sha256: bundle.sha256 };
}

/** Export a run's generator as a graph model, and write the inputs to draw with beside it. */
async function exported(reference: (store: DiskStore) => Promise<ProgramReference>) {
  const { root, out, store } = await newStore();
  const { id, program } = await storeFinishedRun(store, await reference(store));
  const model = join(out, 'model');
  const { code, stderr } = await runHere(['export', id, '--tfjs', model, '--store', root]);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain(`${model}: TensorFlow.js graph model of run ${id}, iteration 3`);
  await writeFile(join(out, 'inputs.json'), JSON.stringify(inputsOf(program)));
  const images = await generated(id, root, join(out, 'images.npy'));
  return { out, images, shape: [COUNT, ...program.exampleShape] };
}

describe('an exported graph model draws the images of `generate` in plain TensorFlow.js:', () => {
  test.each([
    ['mlp-gan', async () => programReference(trainSettingsSchema.parse({}))],
    ['dcgan', async () => smallDcgan()],
    ['dcgan in colour, of classes', async () => smallDcgan({ conditional: true }, 3, 64)],
    ['a program file', ownProgram],
  ])('%s', async (_name, reference) => {
    const { out, images, shape } = await exported(reference);

    const { address } = await served(out);
    const args = [SCRIPT, `${address}/model/model.json`, join(out, 'inputs.json')];
    const { stdout } = await run(process.execPath, args, { maxBuffer: 1 << 26 });

    const drawn = JSON.parse(stdout);
    expect(drawn.shape).toEqual(shape);
    expect(largestDifference(drawn.values, images)).toBeLessThan(1e-5);
    expect(Math.max(...images) - Math.min(...images)).toBeGreaterThan(0.1);
  });
});

test('a page in a browser draws the images of `generate`', async ({ skip }) => {
  if (CHROMIUM === undefined) return skip('there is no Chromium on PATH or at CHROME_PATH');
  const { out, images, shape } = await exported(async () =>
    smallDcgan({ conditional: true }, 3, 64),
  );

  const { address, posted } = await served(out, PAGE, TFJS);
  const text = await Promise.race([posted, openPage(CHROMIUM, `${address}/`, await folder())]);

  const drawn = JSON.parse(text);
  expect(drawn).toEqual({ shape, values: expect.any(Array) });
  expect(largestDifference(drawn.values, images)).toBeLessThan(1e-5);
});

test('both forms of a generator are exported at once, each as it is alone', async () => {
  const { root, out, store } = await newStore();
  const { id } = await storeFinishedRun(store, smallDcgan());
  const option = (form: string, name = form) => [`--${form}`, join(out, name)];
  const exportTo = (...options: string[]) => runHere(['export', id, ...options, '--store', root]);

  const both = await exportTo(...option('savedmodel'), ...option('tfjs'));
  await exportTo(...option('tfjs', 'tfjs-alone'));
  await exportTo(...option('savedmodel', 'savedmodel-alone'));

  const told = [`${join(out, 'tfjs')}: TensorFlow.js`, `${join(out, 'savedmodel')}: SavedModel`];
  expect(both.stderr.split('\n')).toEqual([
    ...told.map((line) => expect.stringContaining(line)),
    '',
  ]);
  for (const form of ['tfjs', 'savedmodel']) {
    const files = await readdir(join(out, form));
    expect(await readdir(join(out, `${form}-alone`))).toEqual(files);
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const [bytes, alone] = [join(out, form, file), join(out, `${form}-alone`, file)];
      expect((await readFile(bytes)).equals(await readFile(alone)), file).toBe(true);
    }
  }
});

describe('an export is refused', () => {
  test('into a folder that is not empty, which stays as it is', async () => {
    const { root, out, store } = await newStore();
    const { id } = await storeFinishedRun(store, smallDcgan());
    await writeFile(join(out, 'kept.txt'), 'mine');

    const { code, stderr } = await runHere(['export', id, '--tfjs', out, '--store', root]);

    expect([code, stderr]).toEqual([2, expect.stringContaining(`--tfjs ${out} is not empty`)]);
    expect(await readdir(out)).toEqual(['kept.txt']);
  });

  test.each([
    [['--tfjs', 'x'], /There is no run/],
    [[], /not said what to export/],
  ])('of a run that is not there, or without a form: %j', async (options, message) => {
    const { root, out } = await newStore();
    await mkdir(join(out, 'x'));
    const args = options.map((text) => (text === 'x' ? join(out, 'x') : text));
    const { code, stderr } = await runHere([
      'export',
      '20260131-235959-0009',
      ...args,
      '--store',
      root,
    ]);
    expect([code === 0, stderr]).toEqual([false, expect.stringMatching(message)]);
    expect([await readdir(out), await readdir(join(out, 'x'))]).toEqual([['x'], []]);
  });
});
