import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../lib/backend/backend.ts';
import { chooseBackend } from '../../lib/backend/choose.ts';
import { gradientTensors } from '../../lib/backend/gradient.ts';
import { loadBackend } from '../../lib/backend/load.ts';
import { dcgan } from '../../lib/program/dcgan.ts';
import { type DcganSettings, dcganDefaults } from '../../lib/program/dcgan-settings.ts';
import { exampleValues } from '../../lib/program/example-shape.ts';
import { mlpGan } from '../../lib/program/mlp-gan.ts';
import type {
  NetworkParameters,
  Parameters,
  PhaseInputs,
  PhaseSpec,
  Program,
} from '../../lib/program/program.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await loadBackend(chooseBackend('auto'), 1);
});

const dcganOf = (change: Partial<DcganSettings>) => dcgan.create({ ...dcganDefaults, ...change });

describe('the numbers that a program says its tensors hold are those that they hold:', () => {
  it.each<[string, Program]>([
    ['28 pixels', dcganOf({ features: 8 })],
    ['28 pixels, more features', dcganOf({})],
    ['32 pixels in colour', dcganOf({ size: 32, channels: 3, features: 16 })],
    ['64 pixels in colour', dcganOf({ size: 64, channels: 3, features: 8 })],
    ['ten classes', dcganOf({ features: 8, conditional: true, classes: 10 })],
    ['a hundred classes', dcganOf({ features: 4, conditional: true, classes: 100 })],
    ['mlp-gan', mlpGan.create({ outputScale: 1 })],
  ])('%s', async (_, program) => {
    const { tf } = backend;
    const networks = networksOf(program);
    // What does not grow with the examples, such as gradients of weights, cancels out.
    const [few, many] = [32, 64];
    const grown = async (compute: (examples: number) => Tensor[]) =>
      ((await peakOf(() => compute(many))) - (await peakOf(() => compute(few)))) / (many - few);

    const [d, g] = program.phases;
    const gradient = (phase: PhaseSpec) =>
      grown((examples) => {
        const inputs = inputsOf(program, examples);
        const made = Object.values(inputs).filter((tensor) => tensor !== undefined);
        return [...gradientTensors(tf, phase, networks, inputs), ...made];
      });
    const largest = Math.max(await gradient(d as PhaseSpec), await gradient(g as PhaseSpec));
    const drawing = await grown((examples) => draw(program, networks, examples));

    const said = program.workingValues as NonNullable<Program['workingValues']>;
    expect(said.gradient / largest).toBeGreaterThan(0.9);
    expect(said.gradient / largest).toBeLessThan(1.15);
    expect(said.drawing / drawing).toBeGreaterThan(0.9);
    expect(said.drawing / drawing).toBeLessThan(1.6); // the larger of drawing and statistics
    tf.dispose(networks);
  });
});

/** The most numbers that are held beside those before. */
async function peakOf(compute: () => Tensor[]): Promise<number> {
  const { tf } = backend;
  const before = tf.memory().numBytes;
  const { peakBytes, result } = await tf.profile(compute as never);
  tf.dispose(result);
  return (peakBytes - before) / Float32Array.BYTES_PER_ELEMENT;
}

function draw(program: Program, networks: NetworkParameters, examples: number): Tensor[] {
  const { tf } = backend;
  const generator = networks[program.generator] as Parameters;
  return tf.tidy(() => {
    const { noise, fakeLabels: labels } = inputsOf(program, examples);
    const statistics = program.standingStatistics?.(tf, generator, noise, { labels });
    return [program.generate(tf, generator, noise, { statistics, labels })];
  });
}

function networksOf(program: Program): Record<string, Record<string, Tensor>> {
  const { tf } = backend;
  return Object.fromEntries(
    program.networks.map(({ name, tensors }) => [
      name,
      Object.fromEntries(
        tensors.map(({ name, shape }) => [
          name,
          tf.tidy(() => tf.variable(tf.fill([...shape], 0.01))),
        ]),
      ),
    ]),
  );
}

function inputsOf({ latent, exampleShape, wantsLabels }: Program, examples: number): PhaseInputs {
  const ones = (columns: number) => backend.tf.ones([examples, columns]) as Tensor2D;
  const labels = () => wantsLabels && ones(wantsLabels.classes);
  return {
    noise: ones(latent),
    real: ones(exampleValues(exampleShape)),
    realLabels: labels(),
    fakeLabels: labels(),
  };
}
