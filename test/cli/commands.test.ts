import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { idxFile } from '../../support/idx-file.ts';
import { readRun, runId } from '../../support/stored-run.ts';
import { testFolders } from '../support/folders.ts';
import { runToEnd } from './command-line.ts';
import { runHere } from './here.ts';
import { readNpy } from './npy-file.ts';

const SEED = '21';

const folder = testFolders();
let store: string;
let out: string;

beforeAll(async () => {
  [store, out] = [await folder(), await folder()];
  await lambduel(
    'train',
    '--iterations',
    '3',
    '--batch',
    '8',
    '--sample-every',
    '2',
    '--seed',
    SEED,
  );
});

/** Commands that are tested as processes of their own; the others run in this one. */
const PROCESSES = new Set(['train', 'runs', 'doctor']);

/** Run a command that succeeds, in the store, `train` as run 0. */
async function lambduel(...args: string[]) {
  const own = args[0] === 'train' && !args.includes('--run-id') ? ['--run-id', runId()] : [];
  const run = PROCESSES.has(args[0] as string) ? runToEnd : runHere;
  const outcome = await run([...args, ...own, '--store', store]);
  expect(outcome.code, outcome.stderr).toBe(0);
  return outcome;
}

function stored(...path: string[]): Promise<Buffer> {
  return readFile(join(store, 'runs', runId(), ...path));
}

test('runs lists them in a table', async () => {
  const { stdout } = await lambduel('runs');
  const row = stdout.split('\n').find((line) => line.includes(runId()));
  expect(row?.split(/[│|]/).map((cell) => cell.trim())).toMatchObject([
    '',
    runId(),
    'finished',
    '3/3',
    'digits',
    expect.stringMatching(/^\d+:\d\d$/),
    '',
  ]);
});

test('runs of a new store says that there are none', async () => {
  const { code, stdout, stderr } = await runHere(['runs', '--store', await folder()]);
  expect([code, stdout]).toEqual([0, '']);
  expect(stderr).toMatch(/No runs in .* yet/);
});

test('status tells how a run is doing, for people and for machines', async () => {
  const { stdout } = await lambduel('status', runId());
  expect(stdout).toMatch(/^status +finished$/m);
  expect(stdout).toMatch(/^iteration +3 of 3$/m);
  const { lines } = await lambduel('status', runId(), '--json');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] as string)).toMatchObject({
    runId: runId(),
    status: 'finished',
    iteration: 3,
    iterations: 3,
    checkpoint: 3,
    error: null,
    config: { seed: Number(SEED) },
  });
});

test('samples copies the last grid, or the one that is asked for', async () => {
  const path = join(out, 'grid.png');
  await lambduel('samples', runId(), '--out', path);
  expect(await readFile(path)).toEqual(await stored('samples', '3.png'));
  await lambduel('samples', runId(), '--iteration', '2', '--out', path);
  expect(await readFile(path)).toEqual(await stored('samples', '2.png'));
  const missing = ['samples', runId(), '--iteration', '1', '--out', path, '--store', store];
  const { code, stderr } = await runHere(missing);
  expect(code).toBe(1);
  expect(stderr).toMatch(/no samples of iteration 1\nhint: There are samples of 2, 3/);
});

describe('generate', () => {
  async function generate(source: string, name: string, ...options: string[]): Promise<Buffer> {
    const path = join(out, name);
    await lambduel('generate', source, '--count', '64', '--out', path, ...options);
    return readFile(path);
  }

  test('with the seed of the run draws its sample grid again', async () => {
    const drawn = PNG.sync.read(await generate(runId(), 'again.png', '--seed', SEED));
    const grid = PNG.sync.read(await stored('samples', '3.png'));
    expect(drawn.data.equals(grid.data)).toBe(true);
  });

  test('writes the images as float32 in [0, 1]', async () => {
    const { shape, values } = readNpy(await generate(runId(), 'images.npy', '--seed', SEED));
    expect(shape).toEqual([64, 784]);
    expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
    const first = PNG.sync.read(await stored('sample.png'));
    const greys = first.data.filter((_, i) => i % 4 === 0);
    expect([...values.subarray(0, 784)].map((value) => Math.round(255 * value))).toEqual([
      ...greys,
    ]);
  });

  test('draws the same from the file of weights as from the run', async () => {
    const weights = join(store, 'runs', runId(), 'checkpoints', '3-e1', 'G.safetensors');
    const fromFile = await generate(weights, 'file.npy', '--seed', '5');
    const fromRun = await generate(runId(), 'run.npy', '--seed', '5');
    expect(fromFile.equals(fromRun)).toBe(true);
    expect(fromFile.equals(await generate(runId(), 'other.npy', '--seed', '6'))).toBe(false);
  });

  test("draws the same from the run's generator file, which needs no store", async () => {
    const file = join(store, 'runs', runId(), 'generator.safetensors');
    const fromFile = await generate(file, 'file.npy', '--seed', '5');
    expect(fromFile.equals(await generate(runId(), 'run.npy', '--seed', '5'))).toBe(true);
  });

  test('writes single PNG files into an empty folder', async () => {
    const images = join(out, 'images');
    await lambduel('generate', runId(), '--count', '3', '--seed', SEED, '--folder', images);
    expect((await readdir(images)).sort()).toEqual(['00000.png', '00001.png', '00002.png']);
    expect(await readFile(join(images, '00000.png'))).toEqual(await stored('sample.png'));
    const again = ['generate', runId(), '--folder', images, '--store', store];
    expect((await runHere(again)).stderr).toMatch(/images is not empty/);
  });

  test('refuses a class where the program knows none', async () => {
    const args = ['generate', runId(), '--label', '7', '--out', join(out, 'x.png')];
    const { code, stderr } = await runHere([...args, '--store', store]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--label 7: this generator knows no classes\nhint: /);
  });

  test('refuses what is not a generator', async () => {
    const path = join(store, 'runs', runId(), 'checkpoints', '3-e1', 'D.safetensors');
    const args = ['generate', path, '--count', '1', '--out', join(out, 'd.png'), '--store', store];
    const { code, stderr } = await runHere(args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*D\.safetensors has no tensor G\.w1/m);
    expect(stderr).not.toContain('    at ');
  });
});

test('watch shows how a run has ended, or all of its iterations', async () => {
  const { stdout, stderr } = await lambduel('watch', runId());
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^iteration 3\/3 /m);
  expect(stderr).toContain(`Run ${runId()} is finished after 3 of 3 iterations`);
  const { lines } = await lambduel('watch', runId(), '--json');
  expect(lines.map((line) => JSON.parse(line).iteration)).toEqual([0, 1, 2]);
});

test('timeline draws when jobs were done, and says where the time went', async () => {
  const { lines, stderr } = await lambduel('timeline', runId());
  expect(lines[0]).toMatch(/^Iterations 0 to 2, 9 steps, 1 worker: /);
  expect(lines.some((line) => /^ {2}computing +[\d.,]+ ms +\d+%$/.test(line))).toBe(true);
  expect(lines.at(-1)).toMatch(/^Slowest worker: process \d+, /);
  expect(resolve(stderr.trim())).toBe(join(store, 'runs', runId(), 'timeline.html'));
  expect((await stored('timeline.html')).toString()).toContain(
    `<title>${runId()}: timeline</title>`,
  );
  const path = join(out, 'timeline.html');
  const one = await lambduel(
    'timeline',
    runId(),
    '--from',
    '1',
    '--iterations',
    '1',
    '--out',
    path,
  );
  expect([one.lines[0], one.stderr]).toEqual([
    expect.stringMatching(/^Iteration 1, 3 steps, 1 worker: /),
    `${path}\n`,
  ]);
  expect(await readFile(path, 'utf8')).toContain('<h2>Timeline: Iteration 1, ');
});

test('timeline refuses what it does not have, in one sentence', async () => {
  const run = (...args: string[]) => runHere(['timeline', runId(), ...args, '--store', store]);
  const outcomes = [
    await run('--from', '-1'),
    await run('--iterations', '0'),
    await run('--from', '3'),
  ];
  expect(outcomes.map(({ code, stdout }) => [code, stdout])).toEqual([
    [2, ''],
    [2, ''],
    [1, ''],
  ]);
  expect(outcomes[2]?.stderr).toMatch(/^error: Iteration 3 of run \S+ is not in its timeline$/m);
  const [from, to] = ['timeline', 'aside'].map((name) => join(store, 'runs', runId(), name));
  await rename(from as string, to as string);
  const { code, stderr } = await run();
  await rename(to as string, from as string);
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^error: No timeline is stored: .+\n$/),
  ]);
});

test('report writes the page anew', async () => {
  const before = await stored('report.html');
  await rm(join(store, 'runs', runId(), 'report.html'));
  const { stderr } = await lambduel('report', runId());
  expect(resolve(stderr.trim())).toBe(join(store, 'runs', runId(), 'report.html'));
  expect((await stored('report.html')).length).toBe(before.length);
  const path = join(out, 'report.html');
  await lambduel('report', runId(), '--out', path);
  expect(await readFile(path)).toEqual(await stored('report.html'));
});

test('data import makes a dataset that can be listed and trained on', async () => {
  const images = Uint8Array.from({ length: 5 * 784 }, (_, i) => i % 256);
  const path = join(out, 'five-images-idx3-ubyte.gz');
  await writeFile(path, gzipSync(idxFile({ sizes: [5, 28, 28], data: images })));
  const { stderr } = await lambduel('data', 'import', path, '--name', 'five');
  expect(stderr).toContain('5 images of 28x28 pixels');

  const { stdout } = await lambduel('data', 'list');
  expect(stdout).toMatch(/five\b.*\b5\b.*28x28/);
  expect(stdout).toMatch(/digits\b.*\b10000\b.*28x28/);

  const settings = ['--iterations', '1', '--batch', '4', '--run-id', runId(1)];
  await lambduel('train', '--dataset', 'five', ...settings);
  const { config } = await readRun(store, runId(1));
  expect(config.dataset).toMatchObject({ name: 'five', examples: 5 });
});

test('train takes its settings from a file, and options go first', async () => {
  const path = join(out, 'settings.json');
  const settings = { iterations: 7, batch: 8, shards: 4, seed: 3, learningRate: 0.002, workers: 1 };
  await writeFile(path, JSON.stringify(settings));
  const options = ['--iterations', '1', '--shards', '2', '--run-id', runId(2)];
  await lambduel('train', '--config', path, ...options);
  const { config } = await readRun(store, runId(2));
  expect(config).toMatchObject({
    iterations: 1,
    batch: 8,
    shards: 2,
    seed: 3,
    learningRate: 0.002,
  });
});

test('train does not touch a run of the same id', async () => {
  const before = await stored('head.json');
  const { code, stderr } = await runHere(['train', '--run-id', runId(), '--store', store]);
  expect(code).toBe(2);
  expect(stderr).toContain(`There is a run ${runId()} already`);
  expect(await stored('head.json')).toEqual(before);
});

test('resume and cancel have nothing to do for a finished run', async () => {
  for (const command of ['resume', 'cancel']) {
    const { code, stderr } = await runHere([command, runId(), '--store', store]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: Run .* is finished/);
  }
});

test('doctor tells what there is', async () => {
  const { stdout } = await lambduel('doctor');
  expect(stdout).toContain(process.version);
  for (const what of ['native backend', 'threads', 'LocalStack', 'AWS region', 'Docker']) {
    expect(stdout).toMatch(new RegExp(`^(ok|--) +${what} `, 'm'));
  }
  expect(stdout).toMatch(/^ok +backend +(native|wasm), TensorFlow\.js \d/m);
});

test('--help names the commands, and each has help of its own', async () => {
  const { code, stdout } = await runToEnd(['--help']);
  expect(code).toBe(0);
  const training = ['train', 'resume', 'watch', 'runs', 'status', 'cancel'];
  const results = [
    'samples',
    'generate',
    'report',
    'timeline',
    'logs',
    'redrive',
    'data',
    'doctor',
  ];
  for (const command of [...training, ...results]) {
    expect(stdout).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
  }
  const help = await runHere(['train', '--help']);
  expect(help.code).toBe(0);
  expect(help.stdout).toContain('--checkpoint-every <n>');
});
