import { drawnImages, generatorStatistics } from './dcgan-generator.ts';
import { discriminatorLoss, generatorLoss } from './dcgan-losses.ts';
import { dcganWorkingValues } from './dcgan-memory.ts';
import { dcganForm, discriminatorSpec, generatorSpec } from './dcgan-networks.ts';
import { adaptDcgan, type DcganSettings, dcganSettingsSchema } from './dcgan-settings.ts';
import { ganColumns } from './gan-metrics.ts';
import { ganPhases } from './gan-phases.ts';
import { GROUP_SIZE } from './layers/ghost-norm.ts';
import type { Program, ProgramDefinition } from './program.ts';

/**
 * A GAN of two convolutional networks, on grey or colour images of 28, 32 or 64 pixels a side: Radford,
 * Metz and Chintala, "Unsupervised representation learning with deep convolutional generative
 * adversarial networks", 2016; with ghost batch norm, so that nothing depends on the fleet. An iteration
 * is one step of the discriminator D and two of the generator G, each with fresh noise.
 */
export const dcgan: ProgramDefinition<DcganSettings> = {
  name: 'dcgan',
  settings: dcganSettingsSchema,
  adapt: adaptDcgan,
  create: (settings): Program => {
    const form = dcganForm(settings);
    const { size, channels, latent, classes } = form;
    return {
      networks: [discriminatorSpec(form), generatorSpec(form)],
      phases: ganPhases({ D: discriminatorLoss(form), G: generatorLoss(form) }),
      latent,
      exampleShape: [size, size, channels],
      columns: ganColumns,
      groupSize: GROUP_SIZE,
      augments: true,
      workingValues: dcganWorkingValues(form),
      ...(classes > 0 ? { wantsLabels: { classes } } : {}),
      generator: 'G',
      standingStatistics: (tf, generator, noise, given) =>
        generatorStatistics(tf, form, generator, noise, given),
      generate: (tf, generator, noise, given) => drawnImages(tf, form, generator, noise, given),
    };
  },
};
