import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { readArguments } from '../../fuzz/arguments.ts';
import { fuzz } from '../../fuzz/fuzz.ts';
import type { Report } from '../../fuzz/report.ts';
import { targets } from '../../fuzz/targets.ts';
import { TSX_ARGUMENTS } from '../support/processes.ts';

const run = promisify(execFile);
const MAIN = fileURLToPath(new URL('../../fuzz/main.ts', import.meta.url));
const RUNS = 500;
const LIMIT_MS = 240_000;

describe('the parser', () => {
  let reports: ReadonlyMap<string, Report>;
  beforeAll(async () => {
    const names = targets.map(({ name }) => name);
    const order = { targets: names, runs: RUNS, seed: randomInt(2 ** 31 - 1) };
    const all = await fuzz(order, () => {});
    reports = new Map(all.map((report) => [report.target, report]));
  }, LIMIT_MS);

  it.each(targets.map(({ name }) => name))('%s keeps its promises', (name) => {
    const { finding, inputs, accepted, rejected } = reports.get(name) as Report;

    expect(finding).toBeNull();
    expect(inputs).toBeGreaterThanOrEqual(RUNS);
    // Inputs of one kind only would show little.
    expect(accepted).toBeGreaterThan(RUNS / 100);
    expect(rejected).toBeGreaterThan(RUNS / 100);
  });
});

describe('npm run fuzz', () => {
  const main = (...args: string[]) =>
    run(process.execPath, [...TSX_ARGUMENTS, MAIN, ...args]).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );

  it('tells of each parser in a line of JSON', { timeout: LIMIT_MS }, async () => {
    const { code, stdout, stderr } = await main(
      ...['--target', 'store-key', '--runs', '100', '--seed', '5'],
    );

    expect(stderr).toContain('100 inputs a parser, seed 5');
    expect(JSON.parse(stdout)).toMatchObject({ target: 'store-key', finding: null });
    expect(code).toBe(0);
  });

  it('refuses what it does not understand, and says how it is used', async () => {
    const { code, stderr } = await main('--runs', '0');

    expect(stderr).toMatch(/^--runs 0: must be a whole number from 1.*\nusage: npm run fuzz/);
    expect(code).toBe(2);
  });

  it.each([
    [['--target', 'nothing'], '--target nothing: there is job, '],
    [['--seed', 'x'], '--seed x: must be a whole number from 0'],
    [['--speed', '1'], '--speed'],
  ])('refuses %j', (args, why) => {
    expect(() => readArguments(args)).toThrow(why);
  });
});
