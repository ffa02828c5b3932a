import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../lib/errors.ts';
import { presets } from '../../lib/program/presets.ts';
import { newRunId, runConfigSchema } from '../../lib/run/record/config.ts';
import { datasetName, resolveConfig, trainSettingsSchema } from '../../lib/run/record/settings.ts';
import { runIdSchema } from '../../lib/wire/run-id.ts';
import { runConfig } from '../../support/fixtures.ts';

const LIMITS: Readonly<Record<string, { good: readonly unknown[]; bad: readonly unknown[] }>> = {
  batch: { good: [2, 1_000_000], bad: [0, -1, 1.5, 1_000_001, '128', Number.NaN] },
  shards: { good: [1, 128], bad: [0, -1, 0.5, 129, 5000] },
  iterations: { good: [1, 10_000_000], bad: [0, -5, 2.5, 10_000_001, Number.POSITIVE_INFINITY] },
  seed: { good: [0, 2 ** 53 - 1], bad: [-1, 0.5, 2 ** 53, '0', null] },
  learningRate: { good: [1e-9, 10], bad: [0, -1e-3, 10.1, Number.NaN] },
  beta1: { good: [0, 0.999], bad: [1, -0.1] },
  beta2: { good: [0, 0.999], bad: [1, -0.1] },
  epsilon: { good: [1e-12, 1], bad: [0, 1.1] },
  threads: { good: [1, 256], bad: [0, 257] },
  wire: { good: ['f32', 'f16', 'int8'], bad: ['f64', 'int4'] },
  weightsWire: { good: ['f32', 'f16'], bad: ['int8', null] },
  gradients: { good: ['compiled', 'eager'], bad: ['fast', null] },
  backend: { good: ['native', 'wasm'], bad: ['cpu', 'auto'] },
  checkpointEvery: { good: [0, 7], bad: [-1, 0.5] },
  sampleEvery: { good: [0, 7], bad: [-1, 0.5] },
  sampleCount: { good: [1, 1024], bad: [0, 1025] },
  runId: { good: ['20260131-235959-0a1b'], bad: ['', '../x', '20260131-235959-0A1B'] },
  createdAt: { good: ['2026-01-31T23:59:59.000Z'], bad: ['yesterday', 5] },
  format: { good: [1], bad: [0, 2] },
};
const rows = (kind: 'good' | 'bad') =>
  Object.entries(LIMITS).flatMap(([field, values]) =>
    values[kind].map((value) => ({ field, value })),
  );

describe("a run's config", () => {
  it.each(rows('good'))('may have $field $value', ({ field, value }) => {
    const config = { ...runConfig(), [field]: value };
    expect(runConfigSchema.parse(config)).toEqual(config);
  });

  it.each(rows('bad'))('is refused with $field $value', ({ field, value }) => {
    const result = runConfigSchema.safeParse({ ...runConfig(), [field]: value });
    expect(result.success).toBe(false);
    expect(result.error?.issues.map(({ path }) => path[0])).toContain(field);
  });

  it('from before gradients could be compiled computes them eagerly', () => {
    const { gradients: _, ...old } = runConfig();
    expect(runConfigSchema.parse(old).gradients).toBe('eager');
  });

  it('is refused with a key too many, and with one missing', () => {
    expect(runConfigSchema.safeParse({ ...runConfig(), more: 1 }).success).toBe(false);
    const { seed: _, ...rest } = runConfig();
    expect(runConfigSchema.safeParse(rest).success).toBe(false);
  });

  it('says which numbers do not fit when there are more shards than examples', () => {
    const result = runConfigSchema.safeParse({ ...runConfig(), batch: 4, shards: 5 });
    expect(result.error?.issues[0]?.message).toBe(
      'shards (5) must not be more than the batch has examples (4)',
    );
  });
});

describe('settings', () => {
  const parts = {
    runId: '20260131-235959-0a1b',
    createdAt: new Date('2026-01-31T23:59:59Z'),
    dataset: { name: 'digits', sha256: 'ab'.repeat(32), examples: 10 },
    backend: 'native',
    defaultWire: 'f32',
  } as const;

  it('that are empty are the preset digits, every default resolved', () => {
    const { program, programSettings, ...numbers } = presets.digits;
    const settings = trainSettingsSchema.parse({});
    const config = resolveConfig(settings, parts);
    expect(config).toEqual({
      ...numbers,
      ...parts,
      quorum: null,
      localIterations: 0,
      augment: [],
      scoreEvery: 0,
      scoreCount: 2000,
      quorumAfterMs: 2000,
      defaultWire: undefined,
      createdAt: '2026-01-31T23:59:59.000Z',
      format: 1,
      preset: 'digits',
      program: { name: program, settings: programSettings },
      wire: 'f32',
      weightsWire: 'f32',
      gradients: 'compiled',
    });
    expect(datasetName(settings)).toBe(presets.digits.dataset);
  });

  it.each(['blog', 'dcgan', 'digits'] as const)(
    'of preset %s have its program and its numbers',
    (preset) => {
      const config = resolveConfig(trainSettingsSchema.parse({ preset }), parts);
      expect(config.iterations).toBe(presets[preset].iterations);
      expect(config.program.settings).toEqual(presets[preset].programSettings);
    },
  );

  it("take the place of the preset's, each of them", () => {
    const change = {
      iterations: 3,
      batch: 6,
      shards: 5,
      seed: 2 ** 40,
      learningRate: 0.5,
      checkpointEvery: 0,
      sampleEvery: 0,
      scoreEvery: 5,
      scoreCount: 100,
      threads: 2,
      wire: 'f16',
      weightsWire: 'f16',
      gradients: 'eager',
    } as const;
    const config = resolveConfig(trainSettingsSchema.parse(change), parts);
    expect(config).toMatchObject(change);
  });

  it.each(
    rows('bad').filter(({ field }) => field in trainSettingsSchema.shape && field !== 'shards'),
  )('are refused with $field $value', ({ field, value }) => {
    expect(trainSettingsSchema.safeParse({ [field]: value }).success).toBe(false);
  });

  it('are refused with a key that there is not', () => {
    expect(trainSettingsSchema.safeParse({ iteration: 5 }).success).toBe(false);
    expect(trainSettingsSchema.safeParse({ preset: 'mnist' }).success).toBe(false);
  });

  it.each([
    [undefined, 'native', 'compiled'],
    ['auto', 'native', 'compiled'],
    ['compiled', 'native', 'compiled'],
    ['eager', 'native', 'eager'],
    [undefined, 'wasm', 'eager'],
    ['auto', 'wasm', 'eager'],
    ['eager', 'wasm', 'eager'],
  ] as const)('with gradients %s on %s are %s', (wanted, backend, expected) => {
    const settings = trainSettingsSchema.parse(wanted ? { gradients: wanted } : {});
    expect(resolveConfig(settings, { ...parts, backend }).gradients).toBe(expected);
  });

  it('that want compiled gradients of a backend that cannot are refused', () => {
    const settings = trainSettingsSchema.parse({ gradients: 'compiled' });
    const resolving = () => resolveConfig(settings, { ...parts, backend: 'wasm' });
    expect(resolving).toThrow(UsageError);
    expect(resolving).toThrow(/gradients compiled needs the native backend/);
  });

  it('that do not fit together are refused: more shards than the batch has examples', () => {
    const settings = trainSettingsSchema.parse({ batch: 4, shards: 5 });
    expect(() => resolveConfig(settings, parts)).toThrow('shards (5) must not be more');
  });
});

it('names a run by the UTC time of its start', () => {
  const date = fc.date({
    min: new Date('2000-01-01'),
    max: new Date('2099-12-31'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(date, (now) => {
      const id = newRunId(now);
      expect(runIdSchema.safeParse(id).success).toBe(true);
      const [, y, mo, d, h, mi, s] =
        /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-/.exec(id)?.map(Number) ?? [];
      const seconds = Date.UTC(y ?? 0, (mo ?? 0) - 1, d, h, mi, s);
      expect(seconds).toBe(Math.floor(now.getTime() / 1000) * 1000);
    }),
  );
});
