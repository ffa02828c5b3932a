import { z } from 'zod';
import { discriminatorLoss, generate, generatorLoss } from './mlp-gan-losses.ts';
import type { NetworkSpec, Program, ProgramDefinition } from './program.ts';

const LATENT = 100;
const HIDDEN = 400;
const SIDE = 28;
const PIXELS = SIDE * SIDE;

const settingsSchema = z.strictObject({
  /** What G's sigmoid is multiplied by: 1 for images in the range of the real ones, 255 as the post. */
  outputScale: z.number().positive().max(1e6),
});

/** Settings of {@link mlpGan}. */
export type MlpGanSettings = z.infer<typeof settingsSchema>;

/**
 * A GAN of two multi-layer perceptrons with one hidden layer each, on 28x28 grey images: Goodfellow
 * et al., "Generative adversarial nets", 2014, with one-sided label smoothing (Salimans et al.,
 * "Improved techniques for training GANs", 2016). An iteration is one step of the discriminator D
 * and two of the generator G, each with fresh noise.
 */
export const mlpGan: ProgramDefinition<MlpGanSettings> = {
  name: 'mlp-gan',
  settings: settingsSchema,
  create: ({ outputScale }): Program => {
    const phaseG = {
      name: 'G',
      network: 'G',
      needsReal: false,
      lossName: 'gCost',
      statistics: [
        { name: 'dFake', reduction: 'mean' },
        { name: 'maxPixel', reduction: 'max' },
      ],
      loss: generatorLoss(outputScale),
    } as const;
    const phaseD = {
      name: 'D',
      network: 'D',
      needsReal: true,
      lossName: 'dCost',
      statistics: [{ name: 'dReal', reduction: 'mean' }],
      loss: discriminatorLoss(outputScale),
    } as const;
    return {
      networks: [perceptron('D', PIXELS, HIDDEN, 1), perceptron('G', LATENT, HIDDEN, PIXELS)],
      phases: [phaseD, phaseG, phaseG],
      latent: LATENT,
      exampleShape: [SIDE, SIDE],
      generator: 'G',
      generate,
    };
  },
};

/** Initial weights are normal with standard deviation 1 / fan-in; biases are zero. */
function perceptron(name: string, inputs: number, hidden: number, outputs: number): NetworkSpec {
  return {
    name,
    tensors: [
      { name: 'w1', shape: [inputs, hidden], initialDeviation: 1 / inputs },
      { name: 'b1', shape: [hidden], initialDeviation: 0 },
      { name: 'w2', shape: [hidden, outputs], initialDeviation: 1 / hidden },
      { name: 'b2', shape: [outputs], initialDeviation: 0 },
    ],
  };
}
