import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PNG } from 'pngjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { nativeIsInstalled } from '../../lib/backend/choose.ts';
import { leftovers, readRun, runId, type StoredRun } from '../../support/stored-run.ts';
import { testFolders } from '../support/folders.ts';
import { type Outcome, RunningCommand, testCommandLine } from './command-line.ts';
import { until } from './processes.ts';

const ITERATIONS = 6;
const KEYS = ['iteration', 'gCost', 'dCost', 'maxPixel', 'dFake', 'dReal', 'ms'];

const folder = testFolders();
const commandLine = testCommandLine();

function settings(store: string, ...others: string[]): string[] {
  const small = ['--batch', '8', '--shards', '3', '--seed', '7', '--run-id', runId()];
  return [...small, '--store', store, ...others];
}

describe('train --json', () => {
  let store: string;
  let outcome: Outcome;
  let run: StoredRun;

  beforeAll(async () => {
    store = await folder();
    const options = ['--iterations', `${ITERATIONS}`, '--sample-every', '4', '--workers', '2'];
    const command = new RunningCommand(['train', '--json', ...settings(store, ...options)]);
    await until(async () => (await command.workers()).length >= 2, 'both workers');
    outcome = await command.end();
    await command.workersGone();
    run = await readRun(store);
  });

  test('prints one object an iteration and nothing else', () => {
    expect(outcome.code).toBe(0);
    const printed = outcome.lines.map((line) => JSON.parse(line) as Record<string, number>);
    expect(printed.map(({ iteration }) => iteration)).toEqual([0, 1, 2, 3, 4, 5]);
    for (const line of printed) {
      expect(Object.keys(line)).toEqual(KEYS);
      expect(Object.values(line).every(Number.isFinite)).toBe(true);
    }
  });

  test('names the files that it has made', () => {
    const named = [...outcome.stderr.matchAll(/^ {2}(samples?|report|weights) +(\S+)$/gm)];
    expect(named.map(([, what]) => what)).toEqual([
      'samples',
      'sample',
      'report',
      'weights',
      'weights',
    ]);
    for (const [, , path] of named) expect(existsSync(resolve(path as string))).toBe(true);
  });

  test('says what can be done next, in commands that work as they are', () => {
    const next = [...outcome.stderr.matchAll(/^ {2}npx lambduel (\w+) (\S+)(.*)$/gm)];
    expect(next.map(([, command]) => command)).toEqual([
      'samples',
      'generate',
      'report',
      'timeline',
    ]);
    for (const [, , run, options] of next) {
      expect([run, options]).toEqual([runId(), expect.stringMatching(` --store ${store}$`)]);
    }
  });

  test('leaves a grid of 64 samples every so often and at the end, and a single one', () => {
    const read = (name: string) => PNG.sync.read(readFileSync(join(store, 'runs', runId(), name)));
    const grids = run.files.filter((name) => name.startsWith('samples/'));
    expect(grids).toEqual(['samples/4.png', 'samples/6.png']);
    for (const grid of grids) {
      const { width, height } = read(grid);
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(8 * 28);
    }
    expect(read('sample.png')).toMatchObject({ width: 28, height: 28 });
  });

  test('leaves a report that needs no network', () => {
    const html = readFileSync(join(store, 'runs', runId(), 'report.html'), 'utf8');
    expect(html).toMatch(/^<!doctype html>/i);
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  test('stores the steps in the order D, G, G', () => {
    const names = run.files.filter((name) => name.startsWith('metrics/'));
    const lines = names.flatMap((name) =>
      readFileSync(join(store, 'runs', runId(), name), 'utf8')
        .trim()
        .split('\n'),
    );
    const iterations = lines.map((line) => JSON.parse(line));
    const steps = iterations
      .sort((a, b) => a.iteration - b.iteration)
      .flatMap(({ steps }) => steps as { step: number; phase: string }[]);
    expect(steps.map(({ step }) => step)).toEqual(steps.map((_, i) => i));
    expect(steps.map(({ phase }) => phase).join('')).toBe('DGG'.repeat(ITERATIONS));
  });

  test('writes down every setting', () => {
    expect(run.config).toMatchObject({
      preset: 'digits',
      iterations: ITERATIONS,
      batch: 8,
      shards: 3,
      seed: 7,
      threads: 2,
      wire: 'f32',
      learningRate: 1e-3,
      backend: nativeIsInstalled() ? 'native' : 'wasm',
      program: { name: 'mlp-gan', settings: { outputScale: 1 } },
    });
  });

  test('lets go of the run, and leaves nothing that only the way there needed', async () => {
    expect(run.head).toMatchObject({ status: 'finished', iteration: ITERATIONS, lease: null });
    expect(run.files.filter((name) => /^(weights|gradients)\//.test(name))).toEqual([]);
    expect(await leftovers(store)).toEqual([]); // workers neither: `beforeAll` has seen them go
  });
});

test('train shows plain lines on standard error when it is not a terminal', async () => {
  const store = await folder();
  const { code, stdout, stderr } = await commandLine.run(
    'train',
    ...settings(store, '--iterations', '2', '--backend', 'wasm', '--threads', '2', '--wire', 'f16'),
  );
  expect(code).toBe(0);
  expect(stdout).toBe('');
  expect(stderr).toContain('finished after 2 of 2 iterations');
  expect(stderr).not.toContain('\u001b[');
  const { config } = await readRun(store);
  expect(config).toMatchObject({ backend: 'wasm', threads: 2, wire: 'f16' });
});

test('train with nobody to read its lines stops, without a fuss', async () => {
  const store = await folder();
  const command = commandLine.start('train', '--json', ...settings(store, '--iterations', '5000'));
  await command.untilIteration(0);
  command.child.stdout.destroy(); // what `| head -1` does
  const { code, stderr } = await command.end();
  expect(stderr).not.toContain('    at ');
  expect(code).toBe(0);
  expect((await readRun(store)).head).toMatchObject({ status: 'stopped', lease: null });
});
