import type * as Tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { createDcgan } from '../../bench/bare-dcgan.ts';
import { lossOfD, lossOfG } from '../../bench/bare-losses.ts';
import { createMlpGan } from '../../bench/bare-mlp.ts';
import { builtInPrograms } from '../../lib/program/built-in.ts';
import { exampleValues } from '../../lib/program/example-shape.ts';
import { programReference, trainSettingsSchema } from '../../lib/run/record/settings.ts';
import { availableBackend } from '../support/backend.ts';

const EXAMPLES = 64;

let tf: typeof Tf;
beforeAll(async () => {
  tf = (await availableBackend()).tf as typeof Tf;
});

it.each([
  ['digits', createMlpGan],
  ['dcgan', createDcgan],
] as const)('the bare loop of %s has the losses of the program', (preset, create) => {
  // Prepare: the program with the bare model's weights
  const settings = trainSettingsSchema.parse({ preset });
  const program = builtInPrograms().create(programReference(settings));
  const model = create(tf);
  const { D, G } = model;
  const noise = tf.randomNormal<Tf.Rank.R2>([EXAMPLES, program.latent]);
  const real = tf.randomUniform<Tf.Rank.R2>([EXAMPLES, exampleValues(program.exampleShape)]);
  // Act
  const losses = program.phases.map(({ loss }) => loss(tf, { D, G }, { noise, real }).loss);
  const images = tf.reshape(real, [EXAMPLES, ...model.imageShape]);
  const bare = [lossOfD(tf, model, images, noise), lossOfG(tf, model, noise)];
  // Assess
  const [ofD, ofG] = losses.map((loss) => loss.dataSync()[0] as number);
  expect(bare[0]?.dataSync()[0]).toBeCloseTo(ofD as number, 5);
  expect(bare[1]?.dataSync()[0]).toBeCloseTo(ofG as number, 5);
  const names = (weights: object) => Object.keys(weights).sort();
  const networks = Object.fromEntries(
    program.networks.map(({ name, tensors }) => [
      name,
      tensors.map((tensor) => tensor.name).sort(),
    ]),
  );
  expect(networks).toEqual({ D: names(D), G: names(G) });
});
