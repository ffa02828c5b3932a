import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readArguments } from '../../chaos/arguments.ts';
import { awsPlan } from '../../chaos/aws.ts';
import { embeddedPlan } from '../../chaos/embedded.ts';
import { FaultSource, faultsDone, writePlan } from '../../chaos/fault-source.ts';
import { awsKinds, embeddedKinds } from '../../chaos/kinds.ts';
import { type ChaosOutcome, lineOf, problemsOf } from '../../chaos/outcome.ts';
import { countKinds, type Fault } from '../../chaos/plan.ts';
import { awsScoringKinds, embeddedScoringKinds } from '../../chaos/scoring-kinds.ts';
import { testFolders } from '../support/folders.ts';
import { TSX_ARGUMENTS } from '../support/processes.ts';

const MAIN = fileURLToPath(new URL('../../chaos/main.ts', import.meta.url));
const folder = testFolders();

describe('a plan of faults', () => {
  test('follows from the seed', () => {
    expect(embeddedPlan({ faults: 50, seed: 3 })).toEqual(embeddedPlan({ faults: 50, seed: 3 }));
    expect(embeddedPlan({ faults: 50, seed: 3 })).not.toEqual(
      embeddedPlan({ faults: 50, seed: 4 }),
    );
  });

  test.each([
    ['embedded', embeddedPlan, embeddedKinds],
    ['aws', awsPlan, awsKinds],
  ])('has every kind, and as many faults as asked for: %s', (_target, plan, kinds) => {
    const faults = plan({ faults: 100, seed: 1 });
    expect(faults).toHaveLength(100);
    expect(Object.keys(countKinds(faults))).toEqual(Object.keys(kinds).sort());
  });

  test('has faults of scores where there are scores', () => {
    const scored = { faults: 100, seed: 1, scoreEvery: 2 };
    const kinds = [...Object.keys(embeddedKinds), ...Object.keys(embeddedScoringKinds)];
    expect(Object.keys(countKinds(embeddedPlan(scored)))).toEqual(kinds.sort());
    expect(Object.keys(countKinds(awsPlan(scored)))).toEqual(
      [...Object.keys(awsKinds), ...Object.keys(awsScoringKinds)].sort(),
    );
  });

  test('is in the order of the iterations', () => {
    const iterations = embeddedPlan({ faults: 80, seed: 5 }).map(({ iteration }) => iteration);
    expect(iterations).toEqual([...iterations].sort((a, b) => a - b));
  });
});

const fault = (change: Partial<Fault>): Fault => ({
  id: 0,
  kind: 'slow-read',
  variant: 'weights',
  iteration: 2,
  skip: 1,
  times: 1,
  ms: 5,
  ...change,
});

describe('the faults of a plan', () => {
  test('are taken after their iteration, and after the operations that they skip', async () => {
    const at = await folder();
    writePlan(at, [fault({})]);
    const source = new FaultSource(at);
    expect(source.take('slow-read', 'weights')).toBeUndefined();
    source.iteration = 2;
    expect(source.take('torn-upload', 'weights')).toBeUndefined();
    expect(source.take('slow-read', 'weights')).toBeUndefined(); // skipped
    expect(source.take('slow-read', 'weights')).toEqual(fault({}));
    expect(source.take('slow-read', 'weights')).toBeUndefined();
    expect([...faultsDone(at)]).toEqual([0]);
  });

  test('are taken by one process only', async () => {
    const at = await folder();
    writePlan(at, [fault({ iteration: 0, skip: 0 })]);
    const sources = [new FaultSource(at), new FaultSource(at), new FaultSource(at)];
    const taken = sources.map((source) => source.take('slow-read'));
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(new FaultSource(at).take('slow-read')).toBeUndefined();
  });
});

const HASHES = { D: 'd', G: 'g' };
const passing: ChaosOutcome = {
  target: 'embedded',
  seed: 1,
  plan: [fault({})],
  done: new Set([0]),
  recoveries: {},
  wallMs: 1234,
  weights: HASHES,
  undisturbed: HASHES,
  problems: [],
};

describe('the verdict', () => {
  test('is good when all is done and nothing differs', () => {
    expect(problemsOf(passing)).toEqual([]);
    expect(JSON.parse(lineOf(passing))).toMatchObject({
      faults: 1,
      injected: { 'slow-read': 1 },
      wallSeconds: 1.2,
      verdict: 'bit-identical',
    });
  });

  test.each([
    ['a difference', { weights: { D: 'd', G: 'x' } }, /differ/],
    ['a file that is missing', { weights: { D: 'd' } }, /differ.*: G$/],
    ['a file too many', { weights: { ...HASHES, best: 'b' } }, /differ.*: best$/],
    ['a lost run', { weights: undefined }, /lost/],
    ['a leak', { problems: ['processes are left: 1'] }, /processes are left/],
    ['a fault that did not happen', { done: new Set<number>() }, /no occasion/],
  ])('is bad after %s', (_what, change, reason) => {
    expect(problemsOf({ ...passing, ...change }).join()).toMatch(reason);
    expect(lineOf({ ...passing, ...change })).toContain('FAILED');
  });
});

describe('the command', () => {
  const chaos = async (...args: string[]) =>
    promisify(execFile)(process.execPath, [...TSX_ARGUMENTS, MAIN, ...args]).then(
      ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
      ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
    );

  test('prints the plan', async () => {
    const { stdout } = await chaos('--faults', '30', '--seed', '7', '--plan');
    const lines = stdout
      .trim()
      .split('\n')
      .map((line: string) => JSON.parse(line));
    expect(lines).toEqual(embeddedPlan({ faults: 30, seed: 7 }));
  });

  test('refuses what it does not understand, and says how it is used', async () => {
    const { code, stdout, stderr } = await chaos('--faults', 'many');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^--faults many: must be a whole number.*\nusage: /);
  });

  test.each([
    ['--seed', '-1'],
    ['--local-iterations', '1001'],
    ['--wire', 'f8'],
    ['--weights-wire', 'int8'],
    ['--preset', 'blog'],
    ['--score-every', '-1'],
    ['--target', 'mars'],
    ['--fleet', 'resident'],
    ['--unknown', '1'],
  ])('refuses %s %s', (...args) => {
    expect(() => readArguments(args)).toThrow(args[0]);
  });
});
