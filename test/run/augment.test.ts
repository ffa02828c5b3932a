import { expect, it } from 'vitest';
import { UsageError } from '../../lib/errors.ts';
import { builtInPrograms } from '../../lib/program/built-in.ts';
import type { Program } from '../../lib/program/program.ts';
import { changesOf } from '../../lib/run/coordinator/job-base.ts';
import { augmentSettingSchema, checkAugment } from '../../lib/run/record/augment.ts';
import { type RunConfig, runConfigSchema } from '../../lib/run/record/config.ts';
import { runConfig } from '../../support/fixtures.ts';

it.each([
  ['color', ['color']],
  ['cutout,translation,color', ['color', 'translation', 'cutout']],
  [' cutout , color ', ['color', 'cutout']],
  [
    ['translation', 'color'],
    ['color', 'translation'],
  ],
  [[], []],
])('a setting of %j is %j', (value, expected) => {
  expect(augmentSettingSchema.parse(value)).toEqual(expected);
});

it.each([
  '',
  'blur',
  'color,',
  'color cutout',
  'color,color',
  'Color',
  3,
  true,
  null,
  {},
  ['x'],
  [1],
])('a setting of %j is refused', (value) => {
  expect(augmentSettingSchema.safeParse(value).success).toBe(false);
});

it('a long list is refused in one sentence', () => {
  for (const long of ['blur,'.repeat(100_000), Array(100_000).fill(5)]) {
    expect(augmentSettingSchema.safeParse(long).error?.issues).toHaveLength(1);
  }
});

it('a config of an earlier version does not augment, and its jobs say nothing of it', () => {
  const { augment: _, ...earlier } = runConfig();
  const config = runConfigSchema.parse(earlier);
  expect(config.augment).toEqual([]);
  const origin = { program: builtInPrograms().create(config.program), epoch: 1, replyTo: 'x' };
  const changes = (of: RunConfig) => changesOf({ ...origin, config: of });
  expect(changes(config)).toEqual({});
  expect(changes(runConfig({ augment: ['cutout'] }))).toEqual({ augment: ['cutout'] });
});

it('a program has to say that it augments images', () => {
  const config = runConfig({ augment: ['color'] });
  for (const settings of [{ outputScale: 1 }, { outputScale: 255 }]) {
    const program = builtInPrograms().create({ name: 'mlp-gan', settings });
    expect(() => checkAugment(program, config)).not.toThrow();
  }
  expect(() => checkAugment({} as Program, runConfig())).not.toThrow();
  const check = () => checkAugment({} as Program, config);
  expect(check).toThrow(UsageError);
  expect(check).toThrow('Program mlp-gan does not augment images, so it cannot train with color');
});
