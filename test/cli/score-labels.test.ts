import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { requireEmptyFolder, writeImages } from '../../lib/cli/write-images.ts';
import { DatasetCache } from '../../lib/data/dataset.ts';
import { datasetKeys } from '../../lib/data/dataset-meta.ts';
import { findDataset } from '../../lib/data/list.ts';
import { normals } from '../../lib/numeric/random.ts';
import { CLASSIFIER_VERSION } from '../../lib/run/worker/classifier.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { FEW_DIGITS, packFewDigits } from '../../support/few-digits.ts';
import { filesIn } from '../../support/stored-run.ts';
import { testFolders } from '../support/folders.ts';
import { runHere } from './here.ts';

/** A classifier is trained in some seconds, and in minutes on a machine that is busy. */
vi.setConfig({ testTimeout: 600_000 });

const folder = testFolders();
const SHAPE = [28, 28, 1] as const;
const COUNT = 60;
const SIZE = COUNT * 28 * 28;

let path: string;
/** Folders of images: of the dataset, other digits, digits of one class, and noise. */
let folders: Readonly<Record<'known' | 'others' | 'ones' | 'noise', string>>;

beforeAll(async () => {
  path = await folder();
  const store = await DiskStore.open(path);
  const few = await new DatasetCache(store).load(await packFewDigits(store));
  const digits = await new DatasetCache(store).load(await findDataset(store, 'digits'));
  const each = (index: (i: number) => number) =>
    Uint32Array.from({ length: COUNT }, (_, i) => index(i));
  folders = {
    known: await pictures(few.gather(each((i) => i * 3))),
    others: await pictures(digits.gather(each((i) => i * 160 + 7))),
    ones: await pictures(digits.gather(each((i) => 1300 + i))),
    noise: await pictures(normals([1, 2], 0, 1, SIZE, 0.3)),
  };
});

/** A new folder with these images. */
async function pictures(values: Float32Array): Promise<string> {
  const at = join(await folder(), 'pictures');
  await requireEmptyFolder(at);
  const bytes = Uint8Array.from(values, (v) => Math.round(255 * Math.min(1, Math.max(0, v))));
  await writeImages(at, bytes, SHAPE);
  return at;
}

async function score(source: string): Promise<Record<string, number>> {
  const args = ['--dataset', FEW_DIGITS, '--count', `${COUNT}`, '--json', '--store', path];
  const { code, stdout, stderr } = await runHere(['score', source, ...args]);
  expect(code, stderr).toBe(0);
  const { source: _source, dataset: _dataset, ...scores } = JSON.parse(stdout);
  return scores;
}

test('by a classifier, digits score better than a class of them, and than noise', async () => {
  const [others, ones, noise] = [
    await score(folders.others),
    await score(folders.ones),
    await score(folders.noise),
  ];
  const names = ['frechet', 'kid', 'coverage', 'confidence', 'slicedWasserstein'];
  const all = ['count', ...names, 'nearestReal', 'nearestRealOfReals', 'classifierAccuracy'];
  expect(Object.keys(others).sort()).toEqual(all.sort());
  for (const worse of [ones, noise]) {
    for (const name of ['frechet', 'kid', 'slicedWasserstein', 'nearestReal'] as const) {
      if (worse === ones && name === 'nearestReal') continue; // ones are near to each other
      expect(others[name], name).toBeLessThan(worse[name] as number);
    }
    expect(others.coverage).toBeGreaterThan(worse.coverage as number);
  }
  expect(others.coverage).toBeGreaterThanOrEqual(8);
  expect(others.confidence).toBeGreaterThan(0.5);
  expect(others.classifierAccuracy).toBeGreaterThan(0.5);
});

test('images of the dataset itself are told by their distance to the nearest real ones', async () => {
  const { nearestReal, nearestRealOfReals } = await score(folders.known);
  expect(nearestReal).toBe(0);
  expect(nearestRealOfReals).toBeGreaterThan(0.05);
});

test('the classifier is trained once, and one that is damaged is named', async () => {
  const first = await score(folders.others);
  const name = `classifier-${CLASSIFIER_VERSION}.safetensors`;
  const kept = (await filesIn(path)).filter((file) => file.endsWith(name));
  expect(kept).toHaveLength(1);
  expect(await score(folders.others)).toEqual(first);
  const { sha256 } = await findDataset(await DiskStore.open(path), FEW_DIGITS);
  const key = datasetKeys.classifier(FEW_DIGITS, sha256, CLASSIFIER_VERSION);
  expect(kept[0]).toContain(key);
  await writeFile(join(path, kept[0] as string), 'no classifier');
  const args = ['--dataset', FEW_DIGITS, '--count', `${COUNT}`, '--store', path];
  const { code, stdout, stderr } = await runHere(['score', folders.others, ...args]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(`The classifier ${key} is damaged: `);
  expect(stderr).toContain('remove it: the next score trains it again');
});
