import { beforeAll, describe, expect, test } from 'vitest';
import { numberedLabels } from '../../lib/data/labels.ts';
import { packDataset } from '../../lib/data/pack.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { finalWeights, readRun, runId, sameWeights } from '../../support/stored-run.ts';
import { testFolders } from '../support/folders.ts';
import { runToEnd } from './command-line.ts';
import { runHere } from './here.ts';

const EXAMPLES = 40;
const SIDE = 32;
const folder = testFolders();
let store: string;

beforeAll(async () => {
  store = await folder();
  await packDataset(await DiskStore.open(store), {
    name: 'icons',
    images: Uint8Array.from({ length: EXAMPLES * SIDE * SIDE * 3 }, (_, i) => (i * 7) % 256),
    examples: EXAMPLES,
    shape: [SIDE, SIDE, 3],
    source: 'a test',
    labels: numberedLabels(Uint8Array.from({ length: EXAMPLES }, (_, i) => i % 3)),
    mirror: true,
  });
});

/** Train a small conditional `dcgan` on mirrored images in colour. */
async function train(number: number, ...options: string[]) {
  const program = ['--preset', 'dcgan', '--size', `${SIDE}`, '--features', '1', '--conditional'];
  const size = ['--batch', '128', '--shards', '4', '--iterations', '2', '--dataset', 'icons'];
  const where = ['--store', store, '--run-id', runId(number)];
  const { code, stderr } = await runToEnd(['train', ...program, ...size, ...where, ...options]);
  expect(code, stderr).toBe(0);
  return finalWeights(store, runId(number));
}

const AUGMENT = ['--augment', 'color,translation,cutout'];

describe('a run with mirrored, augmented images and labels', () => {
  let one: Awaited<ReturnType<typeof train>>;
  beforeAll(async () => {
    one = await train(1, ...AUGMENT, '--workers', '1');
  });

  test('has the same bits for three workers, whatever the order in the option', async () => {
    const names = 'cutout, color, translation';
    const three = await train(2, '--augment', names, '--workers', '3');
    expect(sameWeights(one, three)).toBe(true);
    const { config } = await readRun(store, runId(2));
    expect(config.augment).toEqual(['color', 'translation', 'cutout']);
    const { stdout } = await runHere(['status', runId(2), '--store', store]);
    expect(stdout).toContain('augmented by color, translation, cutout');
  });

  test('has other bits than one whose images are not augmented', async () => {
    expect(sameWeights(one, await train(5))).toBe(false);
  });

  test('has the same bits for one and two workers with local iterations', async () => {
    const local = [...AUGMENT, '--local-iterations', '2'];
    const alone = await train(11, ...local, '--workers', '1');
    expect(sameWeights(alone, await train(12, ...local, '--workers', '2'))).toBe(true);
    expect(sameWeights(alone, one)).toBe(false);
  });
});
