import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { idxFile } from '../../support/idx-file.ts';
import { grey, pngFile } from '../../support/png-file.ts';
import { filesIn, leftovers, runId } from '../../support/stored-run.ts';
import { testFolders } from '../support/folders.ts';
import { type Outcome, runToEnd } from './command-line.ts';
import { runHere } from './here.ts';

const folder = testFolders();
let store: string;

beforeAll(async () => {
  store = await folder();
});

/** Expect one clear sentence on standard error, perhaps a hint, and nothing else. */
function expectClearError({ code, stdout, stderr }: Outcome, exitCode: number, what: RegExp): void {
  expect(stderr).toMatch(/^error: .+$/m);
  expect(stderr).toMatch(what);
  expect(stderr).not.toContain('    at ');
  expect(stderr.split('\n').filter((line) => line.startsWith('error: '))).toHaveLength(1);
  expect(stdout).toBe('');
  expect(code).toBe(exitCode);
}

/** What a command must not have left in a store: runs, drafts, locks. */
async function runsAndLeftovers(): Promise<string[]> {
  const files = await filesIn(store);
  return [...files.filter((name) => name.startsWith('runs/')), ...(await leftovers(store))];
}

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(await folder(), name);
  await writeFile(path, content);
  return path;
}

describe('wrong usage of train', () => {
  test.each([
    ['an unknown option', ['--sharts', '2'], /unknown option '--sharts'/],
    ['an argument too many', ['now'], /too many arguments/],
    ['batch 0', ['--batch', '0'], /--batch 0/],
    [
      'more shards than examples',
      ['--batch', '4', '--shards', '5'],
      /shards \(5\).*batch.*\(4\)\nhint: ./,
    ],
    ['fewer examples than shards', ['--batch', '1', '--shards', '2'], /shards \(2\).*batch.*\(1\)/],
    ['negative iterations', ['--iterations', '-3'], /--iterations -3/],
    ['iterations of no number', ['--iterations', 'many'], /--iterations many/],
    ['a seed that is not whole', ['--seed', '1.5'], /--seed 1\.5/],
    ['a seed beyond exact integers', ['--seed', '9007199254740993'], /--seed/],
    ['no learning at all', ['--learning-rate', '0'], /--learning-rate 0/],
    ['no workers', ['--workers', '0'], /--workers 0/],
    ['a quorum of more than there are', ['--quorum', '3'], /quorum \(3\).*shards \(1\)\nhint: ./],
    ['no minutes', ['--max-minutes', '0'], /--max-minutes 0/],
    ['a cost where there is none', ['--max-cost', '1'], /--max-cost is for --target aws/],
    [
      'shards that cut groups of examples',
      ['--preset', 'dcgan', '--batch', '96'],
      /A batch of 96 in 2 shards does not fit.*\n.*96 fits 1 or 3 shards; 2 shards fit a batch of 64 or 128/,
    ],
    [
      'a batch that is no number of groups',
      ['--preset', 'dcgan', '--batch', '48', '--shards', '1'],
      /A batch of 48 in 1 shard .*\n.*multiple of 32: 1 shard fits a batch of 32 or 64/,
    ],
    [
      'a size that is none',
      ['--preset', 'dcgan', '--size', '30'],
      /--size 30: must be one of 28, 32, 64/,
    ],
    [
      'a size that the dataset has not',
      ['--preset', 'dcgan', '--size', '32'],
      /28x28.*needs 32x32/,
    ],
    ['a setting of another program', ['--size', '32'], /program mlp-gan has no setting size/],
    ['an unknown preset', ['--preset', 'cifar'], /--preset cifar/],
    ['an unknown backend', ['--backend', 'webgl'], /--backend webgl/],
    ['an unknown way to gradients', ['--gradients', 'fast'], /--gradients fast/],
    [
      'compiled gradients without the native backend',
      ['--gradients', 'compiled', '--backend', 'wasm'],
      /gradients compiled needs the native backend, and this run would have wasm\nhint: .*--gradients eager/,
    ],
    ['an unknown wire', ['--wire', 'f8'], /--wire f8/],
    ['an unknown augmentation', ['--augment', 'color,blur'], /--augment color,blur: .*cutout/],
    ['an augmentation twice', ['--augment', 'cutout,cutout'], /cutout,cutout: names cutout twice/],
    ['a run id that leaves the store', ['--run-id', '../x'], /"\.\.\/x" is not a run id/],
    ['a configuration file that is missing', ['--config', 'nowhere.json'], /nowhere\.json/],
    ['a configuration file without an end', ['--config', '/dev/zero'], /larger than any can be/],
    ['a name that no dataset can have', ['--dataset', '../digits'], /"\.\.\/digits" is not a name/],
  ])('%s', async (_what, options, message) => {
    expectClearError(await runHere(['train', ...options, '--store', store]), 2, message);
  });

  test.each([
    ['is not JSON', '{"batch": 8', /settings\.json is not JSON/],
    ['is not an object', '[8]', /settings\.json must hold one JSON object/],
    ['has an unknown setting', '{"batchSize": 8}', /settings\.json: batchSize: unknown setting/],
    ['has a text for a number', '{"batch": "8"}', /settings\.json: batch 8/],
    ['has a value out of range', '{"shards": 0}', /settings\.json: shards 0/],
    ['has an augmentation of no name', '{"augment": {}}', /settings\.json: augment {}: .* array/],
    [
      'has shards that cut groups',
      '{"preset": "dcgan", "batch": 96}',
      /96 in 2 shards does not fit/,
    ],
    [
      'asks for empty shards',
      '{"batch": 4, "shards": 999}',
      /shards \(999\).*batch.*\(4\)\nhint: ./,
    ],
    ['asks for too large a quorum', '{"quorum": 3}', /quorum \(3\).*shards \(1\)\nhint: ./],
  ])('a configuration file that %s', async (_what, content, message) => {
    const path = await file('settings.json', content);
    const outcome = await runHere(['train', '--config', path, '--store', store]);
    expectClearError(outcome, 2, message);
  });

  test('compiled gradients of a configuration file, without the native backend', async () => {
    const config = await file('wasm.json', '{"backend": "wasm", "gradients": "compiled"}');
    const outcome = await runHere(['train', '--store', store, '--config', config]);
    expectClearError(outcome, 2, /gradients compiled needs the native backend/);
    expect(await runsAndLeftovers()).toEqual([]);
  });
});

test('a lease of no length', async () => {
  vi.stubEnv('LAMBDUEL_LEASE_MS', '0');
  onTestFinished(() => void vi.unstubAllEnvs());
  const outcome = await runHere(['train', '--iterations', '1', '--store', await folder()]);
  expectClearError(outcome, 2, /LAMBDUEL_LEASE_MS=0 is not a number of milliseconds/);
});

describe('a run id that is none', () => {
  test.each([
    ['resume', []],
    ['status', []],
    ['cancel', []],
    ['samples', ['--out', 'x.png']],
    ['generate', ['--count', '1', '--out', 'x.png']],
    ['report', []],
  ])('%s ../x', async (command, options) => {
    const outcome = await runHere([command, '../x', ...options, '--store', store]);
    expectClearError(outcome, 2, /"\.\.\/x" is not a run id/);
  });

  test.each([
    ['resume', []],
    ['status', []],
    ['cancel', []],
    ['samples', ['--out', 'x.png']],
    ['generate', ['--count', '1', '--out', 'x.png']],
    ['report', []],
  ])('%s, with the id of no run', async (command, options) => {
    const outcome = await runHere([command, runId(9), ...options, '--store', store]);
    expectClearError(outcome, 1, /There is no run 20260131-235959-0009/);
  });
});

describe('other wrong usage', () => {
  test.each([
    ['an unknown command', ['tarin'], /unknown command 'tarin'/],
    ['no run', ['resume'], /missing required argument 'run'/],
    ['no place for images', ['generate', runId()], /--out or --folder is missing/],
    ['a count of none', ['generate', runId(), '--count', '0', '--out', 'x.npy'], /--count/],
    ['a kind of file', ['generate', runId(), '--count', '1', '--out', 'x.gif'], /x\.gif/],
    ['no name', ['data', 'import', 'x.idx'], /required option '--name/],
    [
      'a name like a path',
      ['data', 'import', 'x.idx', '--name', '../x'],
      /"\.\.\/x" is not a name/,
    ],
  ])('%s', async (_what, args, message) => {
    const storeOption = args[0] === 'tarin' ? [] : ['--store', store];
    expectClearError(await runHere([...args, ...storeOption]), 2, message);
  });

  test('no command at all shows the help', async () => {
    const { code, stderr } = await runHere([]);
    expect(code).toBe(2);
    expect(stderr).toContain('Usage: lambduel');
  });
});

describe('data that cannot be trained on', () => {
  const images = (count: number, side = 28) =>
    Uint8Array.from({ length: count * side * side }, (_, i) => (i * i) % 251);
  const whole = idxFile({ sizes: [3, 28, 28], data: images(3) });

  test.each([
    ['is truncated', whole.subarray(0, whole.length - 5), /incomplete|ends|short|missing/],
    ['is truncated and gzipped', gzipSync(whole).subarray(0, 200), /incomplete|ends|damaged|short/],
    ['holds labels', idxFile({ sizes: [3], data: images(1) }), /this is a labels file/],
    ['is something else', Buffer.from('no images at all'), /it is not an IDX file/],
    ['announces what it has not', idxFile({ sizes: [9, 28, 28], data: images(3) }), /9|incomplete/],
  ])('an IDX file that %s', async (_what, content, message) => {
    const path = await file('images-ubyte', content);
    const args = ['data', 'import', path, '--name', 'broken', '--store', store];
    expectClearError(await runHere(args), 1, message);
  });

  test('a dataset that there is not', async () => {
    const outcome = await runHere(['train', '--dataset', 'moons', '--store', store]);
    expectClearError(outcome, 1, /There is no dataset moons; there is: digits/);
  });

  test('a dataset without the labels that a program wants, or with one class', async () => {
    const path = await file('unlabelled-images', whole);
    const labels = await file('labels', idxFile({ sizes: [3], data: new Uint8Array(3) }));
    const importing = ['data', 'import', path, '--store', store];
    expect((await runHere([...importing, '--name', 'plain'])).code).toBe(0);
    expect((await runHere([...importing, '--name', 'one', '--labels', labels])).code).toBe(0);
    const args = ['train', '--preset', 'dcgan', '--conditional', '--store', store, '--dataset'];
    expectClearError(await runHere([...args, 'plain']), 2, /Dataset plain has no labels/);
    expectClearError(await runHere([...args, 'one']), 2, /Dataset one has one class/);
  });

  test('a dataset of another shape', async () => {
    const pictures = await folder();
    for (const name of ['a.png', 'b.png']) {
      await writeFile(
        join(pictures, name),
        pngFile(10, 12, (row) => grey(row)),
      );
    }
    const importing = ['data', 'import', pictures, '--name', 'small', '--store', store];
    expect((await runHere(importing)).code).toBe(0);
    const outcome = await runHere(['train', '--dataset', 'small', '--store', store]);
    expectClearError(
      outcome,
      1,
      /small has images of 12x10 pixels.*needs 28x28\nhint: .*--size 28/,
    );
  });
});

describe('a store that cannot be', () => {
  test.each([
    ['train', ['--iterations', '1']],
    ['runs', []],
  ])('%s, below a file', async (command, options) => {
    const path = await file('a-file', 'not a folder');
    const outcome = await runHere([command, ...options, '--store', join(path, 'store')]);
    expectClearError(outcome, 1, /The store .*a-file.* cannot be opened/);
  });

  test('runs, in a folder of other things', async () => {
    const other = await folder();
    await mkdir(join(other, 'runs', 'holiday'), { recursive: true });
    await writeFile(join(other, 'runs', 'holiday', 'head.json'), 'sea');
    const { code, stdout } = await runHere(['runs', '--store', other]);
    expect(code).toBe(0);
    expect(stdout).toContain('unreadable');
  });
});

describe('as a process', () => {
  test.concurrent.each([
    ['wrong usage', ['train', '--sharts', '2'], 2, /unknown option '--sharts'/],
    ['a value out of range', ['train', '--batch', '0'], 2, /--batch 0/],
    ['a run id that leaves the store', ['resume', '../x'], 2, /"\.\.\/x" is not a run id/],
    ['a run that there is not', ['status', runId(9)], 1, /There is no run/],
  ] as const)('%s', async (_what, args, code, message) => {
    expectClearError(await runToEnd([...args, '--store', store]), code, message);
  });
});

test('--debug shows where an error came from', async () => {
  const { code, stderr } = await runHere(['status', runId(9), '--store', store, '--debug']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: There is no run/m);
  expect(stderr).toContain('    at ');
});

test('nothing of all this has left a run, a draft or a lock', async () => {
  expect(await runsAndLeftovers()).toEqual([]);
});
