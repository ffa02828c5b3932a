import { describe, expect, it } from 'vitest';
import { InvalidDataError } from '../../lib/errors.ts';
import { builtInPrograms } from '../../lib/program/built-in.ts';
import { mlpGan } from '../../lib/program/mlp-gan.ts';
import { initialParameters, networkLayout, networkOf } from '../../lib/program/network.ts';
import { presets } from '../../lib/program/presets.ts';
import { normalReference, streamReference } from '../numeric/reference-random.ts';
import { sameBits } from '../support/arrays.ts';

const program = mlpGan.create({ outputScale: 1 });

describe('the networks', () => {
  it.each([
    { network: 'D', size: 314_401, shapes: [[784, 400], [400], [400, 1], [1]] },
    { network: 'G', size: 354_784, shapes: [[100, 400], [400], [400, 784], [784]] },
  ])('$network has $size parameters, in tensors w1, b1, w2, b2', ({ network, size, shapes }) => {
    const layout = networkLayout(networkOf(program, network));
    expect(layout.size).toBe(size);
    expect(layout.tensors.map(({ shape }) => shape)).toEqual(shapes);
    expect(layout.tensors.map(({ name }) => name)).toEqual(
      ['w1', 'b1', 'w2', 'b2'].map((tensor) => `${network}.${tensor}`),
    );
  });

  it('are trained in the order D, G, G', () => {
    const phases = program.phases.map(({ name, network, needsReal }) => [name, network, needsReal]);
    expect(phases).toEqual([
      ['D', 'D', true],
      ['G', 'G', false],
      ['G', 'G', false],
    ]);
  });
});

describe('initial weights', () => {
  const SEED = 2 ** 33 + 5;

  it.each([
    { network: 'D', tensor: 'w1', number: 0, fanIn: 784 },
    { network: 'D', tensor: 'w2', number: 2, fanIn: 400 },
    { network: 'G', tensor: 'w1', number: 4, fanIn: 100 },
    { network: 'G', tensor: 'w2', number: 6, fanIn: 400 },
  ])('of $network.$tensor are stream $number of tag 1, with deviation 1 / $fanIn', (row) => {
    const { offset, size } = placeOf(row.network, row.tensor);
    const values = initialParameters(program, row.network, SEED).subarray(offset, offset + size);
    const stream = streamReference(SEED, 1, row.number);
    for (const k of [0, 1, 2, 201, size - 1]) {
      const expected = normalReference(stream, 0, k) / row.fanIn;
      expect((values[k] as number) / expected, `element ${k}`).toBeCloseTo(1, 6);
    }
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / size);
    const standardError = 1 / Math.sqrt(2 * size);
    expect(Math.abs(deviation * row.fanIn - 1)).toBeLessThan(4 * standardError);
  });

  it.each(['D.b1', 'D.b2', 'G.b1', 'G.b2'])('of %s are zeros', (name) => {
    const [network = '', tensor = ''] = name.split('.');
    const { offset, size } = placeOf(network, tensor);
    const values = initialParameters(program, network, SEED).subarray(offset, offset + size);
    expect(values.every((value) => Object.is(value, 0))).toBe(true);
  });

  it('are the same for the same seed, and others for another', () => {
    const [once, again, other] = [1, 1, 2].map((seed) => initialParameters(program, 'D', seed)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    expect(sameBits(again, once)).toBe(true);
    expect(sameBits(other, once)).toBe(false);
  });
});

describe('the registry', () => {
  const registry = builtInPrograms();

  it.each(Object.entries(presets))('makes the program of preset %s', (_name, preset) => {
    const { program: name, programSettings: settings } = preset;
    expect(registry.create({ name, settings }).networks).toHaveLength(2);
  });

  it.each([
    { settings: {}, why: 'outputScale' },
    { settings: { outputScale: 0 }, why: 'outputScale' },
    { settings: { outputScale: 1, more: 1 }, why: 'more' },
    { settings: { outputScale: '1' }, why: 'outputScale' },
  ])('refuses the settings $settings', ({ settings, why }) => {
    const act = () => registry.create({ name: 'mlp-gan', settings });
    expect(act).toThrow(InvalidDataError);
    expect(act).toThrow(why);
  });

  it('refuses a program that it does not know, and names those that it does', () => {
    const act = () => registry.create({ name: 'vae', settings: {} });
    expect(act).toThrow(InvalidDataError);
    expect(act).toThrow('There is no program vae; known: mlp-gan, dcgan');
  });
});

describe('the presets', () => {
  it("have the blog post's numbers where they keep to it", () => {
    expect(presets.blog).toMatchObject({
      programSettings: { outputScale: 255 },
      iterations: 200,
      batch: 128,
      learningRate: 1e-3,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
    });
  });

  it('have digits within the range of the real ones and ten times as long', () => {
    expect(presets.digits).toMatchObject({ programSettings: { outputScale: 1 }, iterations: 2000 });
  });
});

function placeOf(network: string, tensor: string) {
  const { tensors } = networkLayout(networkOf(program, network));
  const place = tensors.find(({ name }) => name === `${network}.${tensor}`);
  if (!place) throw new Error(`There is no tensor ${tensor}`);
  return place;
}
