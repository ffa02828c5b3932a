import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { finalWeights, readRun, runId, sameWeights } from '../../support/stored-run.ts';
import { testFolders } from '../support/folders.ts';
import { ROOT } from '../support/imports.ts';
import { type Outcome, runToEnd } from './command-line.ts';
import { runHere } from './here.ts';

const newFolder = testFolders();
const GOOD = join(ROOT, 'support/program-file.ts');
let folder: string;
let good: string;
beforeAll(async () => {
  folder = await newFolder();
  good = await readFile(GOOD, 'utf8');
});

let files = 0;

/** A program file in a folder of its own: the good one with a part replaced, or another text. */
async function fileWith(change: (text: string) => string, name = 'gan.ts'): Promise<string> {
  const path = join(folder, `${files++}-${name}`);
  const text = change(good);
  expect(text).not.toBe(good);
  await writeFile(path, text);
  return path;
}

function train(store: string, file: string, ...options: string[]): Promise<Outcome> {
  const usual = ['--backend', 'wasm', '--store', store];
  return runHere(['train', '--program', file, ...usual, ...options]);
}

const REAL = "if (!real) throw new Error('D needs real examples');";
const replaced = (part: string, by: string) => (text: string) => text.replace(part, by);

describe('a program file', () => {
  it('trains to the same bits for any workers and from any folder, and is stored by its hash', async () => {
    const copy = join(await newFolder(), 'program-file.ts');
    await copyFile(GOOD, copy);
    const [one, two] = [await newFolder(), await newFolder()];
    const options = [
      '--set',
      'hidden=9',
      '--shards',
      '3',
      '--iterations',
      '3',
      '--run-id',
      runId(),
    ];
    const first = await train(one, GOOD, ...options, '--workers', '1');
    const second = await train(two, copy, ...options, '--workers', '3');

    expect(first.stderr).toContain('program small-gan, 3 iterations');
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(sameWeights(await finalWeights(one), await finalWeights(two))).toBe(true);
    const { config } = await readRun(one);
    const [stored = '', ...others] = await readdir(join(one, 'programs'));
    expect(others).toEqual([]);
    expect(config).toMatchObject({
      program: {
        name: 'small-gan',
        settings: { hidden: 9, latent: 6, slow: false, note: '' },
        sha256: stored.replace('.mjs', ''),
      },
      ...{ batch: 16, beta1: 0.5, checkpointEvery: 2, iterations: 3, preset: 'small-gan' },
    });
    expect(await readFile(join(one, 'programs', stored), 'utf8')).not.toContain(ROOT);
  });

  it('may change: a run is resumed and generates with what was stored', async () => {
    const path = await fileWith(replaced("note: ''", "note: 'mine'"));
    const store = await newFolder();
    const whole = await newFolder();
    expect((await train(whole, path, '--run-id', runId())).code).toBe(0);
    const options = ['--run-id', runId(), '--max-minutes', '0.00001'];
    expect((await train(store, path, ...options)).code).toBe(0);
    expect((await readRun(store)).head.status).toBe('stopped');
    await rm(path);

    const resumed = await runHere(['resume', runId(), '--store', store, '--max-minutes', '9']);

    expect(resumed.code, resumed.stderr).toBe(0);
    expect(sameWeights(await finalWeights(store), await finalWeights(whole))).toBe(true);
    const generator = join(store, 'runs', runId(), 'generator.safetensors');
    const draw = async (...source: string[]) => {
      const out = join(store, `${source.length}.npy`);
      const from = ['generate', ...source, '--backend', 'wasm', '--count', '3', '--out', out];
      const { code, stderr } = await runHere(from);
      return code === 0 ? readFile(out) : stderr;
    };
    const drawn = await draw(runId(), '--store', store);
    expect(drawn).toBeInstanceOf(Buffer);
    expect(await draw(generator, '--allow-program')).toEqual(drawn);
    expect(await draw(generator)).toContain('holds its code, which would run here');
  });

  it('is told by its metrics, without running its code, where it is gone', async () => {
    const store = await newFolder();
    expect((await train(store, GOOD, '--iterations', '2', '--run-id', runId())).code).toBe(0);
    await rm(join(store, 'programs'), { recursive: true });
    expect((await runHere(['report', runId(), '--store', store])).code).toBe(0);
    const report = await readFile(join(store, 'runs', runId(), 'report.html'), 'utf8');
    expect(report).toContain('What D says: 1 for real, 0 for fake');
    const resumed = await runHere(['generate', runId(), '--store', store, '--out', 'x.png']);
    expect(resumed).toMatchObject({ code: 1 });
  });
});

describe('a stored program', () => {
  it('that is damaged is not run, and is stored anew by the next run', async () => {
    const store = await newFolder();
    const start = (number: number) =>
      train(
        store,
        GOOD,
        '--iterations',
        '2',
        '--max-minutes',
        '0.00001',
        '--run-id',
        runId(number),
      );
    expect((await start(1)).code).toBe(0);
    const [stored = ''] = await readdir(join(store, 'programs'));
    const path = join(store, 'programs', stored);
    const bytes = await readFile(path);
    await writeFile(
      path,
      bytes.map((byte, i) => (i === 9 ? byte ^ 1 : byte)),
    );

    const resumed = await runHere(['resume', runId(1), '--store', store, '--max-minutes', '9']);

    expect(resumed.code).toBe(1);
    expect(resumed.stderr).toContain(`The program programs/${stored} is damaged`);
    expect((await start(2)).code).toBe(0);
    expect(await readFile(path)).toEqual(bytes);
  });
});

describe('what is wrong with a program file is said in a sentence, and nothing is written:', () => {
  it.each([
    [
      'a syntax error',
      replaced('latent,\n', 'latent,,\n'),
      [],
      2,
      /gan\.ts:\d+:12: Expected identifier/,
    ],
    [
      'an error in a loss',
      replaced(REAL, 'JSON.parse("{");'),
      [],
      1,
      /gan\.ts:\d+:\d+: .* \(in the loss of phase D\)/,
    ],
    [
      'another shape',
      replaced('[SIDE, SIDE, 1]', '[SIDE, 32, 1]'),
      [],
      1,
      'digits has images of 28x28 pixels, but the program needs 28x32',
    ],
    [
      'a setting that there is not',
      replaced("name: 'small-gan'", "name: 'other'"),
      ['--set', 'hiden=3'],
      2,
      'has no setting hiden',
    ],
  ] as const)('%s', async (_what, change, options, code, message) => {
    const store = join(folder, `store-${files}`);
    const outcome = await train(store, await fileWith(change), ...options);
    expect(outcome.stderr).toMatch(message);
    expect(outcome.stderr).not.toContain('--debug');
    expect(outcome.code).toBe(code);
    expect(await readdir(join(store, 'runs')).catch(() => [])).toEqual([]);
    expect(await readdir(join(store, 'programs')).catch(() => [])).toEqual([]);
  });

  it.each([
    ['at import', (text: string) => `${text}\nfor (;;);`, 'the file itself'],
    [
      'in create',
      replaced(
        'create: ({ hidden, latent }) => ({',
        'create: ({ hidden, latent }) => { for (;;); return ({',
      ),
      'create',
    ],
  ])('a loop that never ends, %s', async (_where, change, what) => {
    const closed = (text: string) =>
      what === 'create'
        ? change(text).replace('generate: images,\n  }),', 'generate: images,\n  }); },')
        : change(text);
    const path = await fileWith(closed);
    const args = ['train', '--program', path, '--store', join(folder, 'loop')];
    const outcome = await runToEnd(args, { LAMBDUEL_CHECK_MS: '1500' });
    expect(outcome.stderr).toContain(`The program does not end within 1.5 s: it is in ${what}`);
    expect(outcome.code).toBe(1);
  });
});

it('`program check` tells parameters, time and memory, or what is wrong', async () => {
  const ask = (file: string, ...options: string[]) =>
    runHere(['program', 'check', file, '--backend', 'wasm', '--store', folder, ...options]);
  const { code, stdout, stderr } = await ask(GOOD, '--set', 'hidden=5', '--json');
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    name: 'small-gan',
    settings: { hidden: 5, latent: 6 },
    networks: [
      { name: 'D', parameters: 784 * 5 + 5 + 5 + 1 },
      { name: 'G', parameters: 6 * 5 + 5 + 5 * 784 + 784 },
    ],
    phases: [
      { name: 'D', network: 'D', ms: expect.any(Number) },
      { name: 'G', network: 'G', ms: expect.any(Number) },
    ],
    memoryMb: expect.any(Number),
    problems: [],
  });
  const bad = await ask(await fileWith(replaced(', tf.max(fakes)', '')));
  expect(bad.code).toBe(1);
  expect(bad.stdout).toContain('network   D: ');
  expect(bad.stderr).toContain('must return 2 statistics');
});
