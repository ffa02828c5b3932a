import { z } from 'zod';
import { ganColumns } from './gan-metrics.ts';
import { ganPhases } from './gan-phases.ts';
import { perceptronTensors } from './layers/perceptron.ts';
import { discriminatorLoss, generate, generatorLoss } from './mlp-gan-losses.ts';
import type { NetworkSpec, Program, ProgramDefinition } from './program.ts';

const LATENT = 100;
const HIDDEN = 400;
const SIDE = 28;
const PIXELS = SIDE * SIDE;
const SHAPE = [SIDE, SIDE, 1] as const;
/** Counted with `tf.profile`: test/program/working-values.test.ts. */
const WORKING_VALUES = { gradient: 10 * PIXELS + 11 * HIDDEN, drawing: 4 * PIXELS + 3 * HIDDEN };

const settingsSchema = z.strictObject({
  /** G's sigmoid is multiplied by this: 1 for the range of real images, 255 as in the blog post. */
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
    return {
      networks: [network('D', [PIXELS, HIDDEN, 1]), network('G', [LATENT, HIDDEN, PIXELS])],
      phases: ganPhases({
        D: discriminatorLoss(outputScale, SHAPE),
        G: generatorLoss(outputScale, SHAPE),
      }),
      latent: LATENT,
      exampleShape: SHAPE,
      columns: ganColumns,
      augments: true,
      workingValues: WORKING_VALUES,
      generator: 'G',
      generate,
    };
  },
};

/** Initial weights are normal with standard deviation 1 / fan-in; biases are zero. */
function network(name: string, widths: readonly number[]): NetworkSpec {
  return { name, tensors: perceptronTensors(widths, { deviation: (inputs) => 1 / inputs }) };
}
