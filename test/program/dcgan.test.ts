import { describe, expect, it } from 'vitest';
import { InvalidDataError, UsageError } from '../../lib/errors.ts';
import { builtInPrograms } from '../../lib/program/built-in.ts';
import { dcgan } from '../../lib/program/dcgan.ts';
import { type DcganSettings, dcganDefaults } from '../../lib/program/dcgan-settings.ts';
import { initialParameters, networkLayout, networkOf } from '../../lib/program/network.ts';
import { presets } from '../../lib/program/presets.ts';
import type { DatasetForm } from '../../lib/program/program.ts';

const registry = builtInPrograms();
const programOf = (change: Partial<DcganSettings> = {}) =>
  dcgan.create({ ...dcganDefaults, ...change });
const shapesOf = (change: Partial<DcganSettings>, network: string) =>
  networkOf(programOf(change), network).tensors.map(
    ({ name, shape }) => `${name} ${shape.join('x')}`,
  );

describe('the networks', () => {
  it('have the tensors of the design: 28 pixels, grey', () => {
    expect(shapesOf({}, 'G')).toEqual([
      'w0 64x3136',
      'b0 3136',
      'gain0 64',
      'shift0 64',
      'w1 4x4x32x64',
      'gain1 32',
      'shift1 32',
      'w2 4x4x1x32',
      'b2 1',
    ]);
    expect(shapesOf({}, 'D')).toEqual([
      'w0 4x4x1x32',
      'b0 32',
      'w1 4x4x32x64',
      'gain1 64',
      'shift1 64',
      'w2 3136x1',
      'b2 1',
    ]);
  });

  it('have a stage more for 64 pixels, in colour', () => {
    const change = { size: 64, channels: 3, features: 4 } as const;
    expect(shapesOf(change, 'G').filter((text) => text.startsWith('w'))).toEqual([
      'w0 64x1024',
      'w1 4x4x8x16',
      'w2 4x4x4x8',
      'w3 4x4x3x4',
    ]);
    expect(shapesOf(change, 'D').filter((text) => text.startsWith('w'))).toEqual([
      'w0 4x4x3x4',
      'w1 4x4x4x8',
      'w2 4x4x8x16',
      'w3 1024x1',
    ]);
  });

  it('of a conditional program take a class with the noise, and as channels of the image', () => {
    const change = { conditional: true, classes: 10 } as const;
    expect(shapesOf(change, 'G')[0]).toBe('w0 74x3136');
    expect(shapesOf(change, 'D')[0]).toBe('w0 4x4x11x32');
    expect(programOf(change).wantsLabels).toEqual({ classes: 10 });
    expect(programOf().wantsLabels).toBeUndefined();
  });

  it('begin with weights of deviation 0.02, gains of one, and biases and shifts of zero', () => {
    const program = programOf({ features: 8 });
    for (const network of ['D', 'G']) {
      const block = initialParameters(program, network, 3);
      const layout = networkLayout(networkOf(program, network));
      for (const { name, offset, size } of layout.tensors) {
        const values = block.subarray(offset, offset + size);
        const short = name.slice(2);
        if (/^w/.test(short)) {
          const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / size);
          expect(Math.abs(deviation / 0.02 - 1), name).toBeLessThan(4 / Math.sqrt(2 * size));
        } else {
          const wanted = short.startsWith('gain') ? 1 : 0;
          expect(
            values.every((value) => value === wanted),
            name,
          ).toBe(true);
        }
      }
    }
  });

  it('are trained in the order D, G, G', () => {
    const phases = programOf().phases.map(({ name, needsReal }) => [name, needsReal]);
    expect(phases).toEqual([
      ['D', true],
      ['G', false],
      ['G', false],
    ]);
  });
});

describe('the settings', () => {
  const reference = (change: object) => ({
    name: 'dcgan',
    settings: { ...dcganDefaults, ...change },
  });
  const images = (change: Partial<DatasetForm>): DatasetForm => ({
    name: 'cats',
    shape: [28, 28, 1],
    classes: undefined,
    ...change,
  });

  it('have the channels of the dataset', () => {
    const colour = registry.adapt(reference({}), images({ shape: [28, 28, 3] }));
    expect(colour.settings).toEqual({ ...dcganDefaults, channels: 3 });
    expect(registry.adapt(colour, images({})).settings).toEqual(dcganDefaults);
  });

  it('have the classes of the dataset where the program is conditional', () => {
    const { settings } = registry.adapt(reference({ conditional: true }), images({ classes: 7 }));
    expect(settings).toEqual({ ...dcganDefaults, conditional: true, classes: 7 });
  });

  it('are refused where the dataset has no labels, or images of another size', () => {
    const unlabelled = () => registry.adapt(reference({ conditional: true }), images({}));
    expect(unlabelled).toThrow(UsageError);
    expect(unlabelled).toThrow('Dataset cats has no labels, which a conditional program needs');
    const large = () => registry.adapt(reference({}), images({ shape: [64, 64, 3] }));
    expect(large).toThrow('Dataset cats has images of 64x64x3 pixels, but the program needs 28x28');
    const oblong = () => registry.adapt(reference({}), images({ shape: [28, 32, 1] }));
    expect(oblong).toThrow(UsageError);
  });

  it.each([
    { size: 30 },
    { channels: 2 },
    { features: 0 },
    { features: 1.5 },
    { latent: 0 },
    { conditional: 1 },
    { classes: 1 },
    { depth: 3 },
  ])('are refused with %j', (change) => {
    expect(() => registry.create(reference(change))).toThrow(InvalidDataError);
  });

  it('of a conditional program need the number of classes', () => {
    expect(() => registry.create(reference({ conditional: true }))).toThrow(/number of classes/);
  });
});

it('is what the preset dcgan trains, with the numbers of the design', () => {
  expect(presets.dcgan).toMatchObject({
    program: 'dcgan',
    programSettings: { size: 28, channels: 1, features: 32, latent: 64, conditional: false },
    iterations: 1000,
    batch: 128,
    learningRate: 5e-4,
    beta1: 0.5,
    dataset: 'digits',
  });
});
