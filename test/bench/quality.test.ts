import { describe, expect, it } from 'vitest';
import { readOptions } from '../../bench/quality-options.ts';
import { summarize } from '../../bench/quality-summary.ts';
import { qualityTable } from '../../bench/quality-table.ts';
import { UsageError } from '../../lib/errors.ts';

const TRAVEL = { wire: 'f32', weightsWire: 'f32' } as const;
const VARIANT = {
  program: 'mlp-gan',
  localIterations: 20,
  workers: 2,
  shards: 2,
  ...TRAVEL,
} as const;

describe('options', () => {
  it('are all variants, with three seeds, by default', () => {
    const { variants, seeds } = readOptions([]);
    expect(variants).toHaveLength(2 * 4 * 2);
    expect(variants).toContainEqual(VARIANT);
    expect(seeds).toEqual([1, 2, 3]);
  });

  it('choose variants, seeds and the course of a run', () => {
    const args = '--program dcgan --k 0,50 --workers 2 --seeds 7 --target-score 12.5';
    const { variants, seeds, courseOf } = readOptions(
      `${args} --max-iterations 400 --score-every 20`.split(' '),
    );
    expect(variants).toEqual([
      { ...VARIANT, program: 'dcgan', localIterations: 0 },
      { ...VARIANT, program: 'dcgan', localIterations: 50 },
    ]);
    expect(seeds).toEqual([7]);
    expect(courseOf('dcgan')).toEqual({ targetScore: 12.5, maxIterations: 400, scoreEvery: 20 });
  });

  it('choose how gradients and weights travel, and the number of lanes', () => {
    const { variants } = readOptions(
      '--program dcgan --k 20 --workers 2 --shards 4 --wire f32,int8/f16'.split(' '),
    );
    expect(variants).toEqual([
      { ...VARIANT, program: 'dcgan', shards: 4 },
      { ...VARIANT, program: 'dcgan', shards: 4, wire: 'int8', weightsWire: 'f16' },
    ]);
  });

  it.each([
    ['--program dcgn', '--program'],
    ['--k 10,x', '--k'],
    ['--workers 0', '--workers'],
    ['--wire f32/int8', '--wire'],
    ['--target-score 0', '--target-score'],
    ['--k 50 --max-iterations 40', '--k 50'],
    ['--sedes 1', '--sedes'],
  ])('%s is refused with the name of the option', (line, name) => {
    const act = () => readOptions(line.split(' '));
    expect(act).toThrowError(UsageError);
    expect(act).toThrowError(name);
  });
});

describe('a summary', () => {
  const point = (iteration: number, score: number) => ({
    iteration,
    seconds: iteration / 10,
    score,
  });
  const runs = [
    { seed: 1, curve: [point(100, 80), point(200, 59), point(300, 70)] },
    { seed: 2, curve: [point(100, 60)] },
    { seed: 3, curve: [point(100, 90), point(200, 75), point(300, 61)] },
  ];

  it('takes the first score that is low enough, of the runs that have one', () => {
    expect(summarize(VARIANT, 60, runs)).toMatchObject({
      reached: 2,
      iterations: { min: 100, max: 200 },
      seconds: { min: 10, max: 20 },
      finalScore: { median: 61, min: 60, max: 70 },
    });
  });

  it('says in the table how many runs reached the score, and where none did', () => {
    const table = qualityTable([summarize(VARIANT, 60, runs), summarize(VARIANT, 50, runs)]);
    const [, , , first, , second] = table.split('\n');
    expect(first).toMatch(/mlp-gan .* every 20 iterations .* 2 .* 60 .* 2 of 3 .* \(10\.0-20\.0\)/);
    expect(second).toMatch(/0 of 3 .* not reached .* not reached .* 61\.0 \(60\.0-70\.0\)/);
  });
});
