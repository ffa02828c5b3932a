import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { shapeText } from './example-shape.ts';
import type { DatasetForm } from './program.ts';

/** Sides of the images that `dcgan` draws. */
export const DCGAN_SIZES = [28, 32, 64] as const;

/** Labels of one class only are useless. */
const MIN_CLASSES = 2;

/** Settings of `dcgan`, every one resolved. */
export const dcganSettingsSchema = z.strictObject({
  /** Rows and columns of an image. */
  size: z.literal(DCGAN_SIZES),
  /** 1: grey; 3: red, green and blue. */
  channels: z.literal([1, 3]),
  /**
   * Channels of D's first layer and of G's last hidden one. Inner layers have 2 or 4 times as many.
   */
  features: z.number().int().min(1).max(512),
  /** Length of a noise vector. */
  latent: z.number().int().min(1).max(4096),
  /** G draws images of a given class, and D judges them as images of that class. */
  conditional: z.boolean(),
  /** Classes of the dataset. Where the program is conditional. */
  classes: z.number().int().min(MIN_CLASSES).max(1000).optional(),
});

/** See {@link dcganSettingsSchema}. */
export type DcganSettings = z.infer<typeof dcganSettingsSchema>;

/** What a run of `dcgan` has unless it is asked for something else. */
export const dcganDefaults = {
  size: 28,
  channels: 1,
  features: 32,
  latent: 64,
  conditional: false,
} as const satisfies DcganSettings;

/**
 * Settings for a dataset: its channels and, for a conditional program, its classes.
 *
 * @throws UsageError when the dataset has images of another size, or lacks labels of several classes
 */
export function adaptDcgan(asked: DcganSettings, dataset: DatasetForm | undefined): DcganSettings {
  const { size, conditional } = asked;
  if (!dataset) return conditional ? { ...asked, classes: MIN_CLASSES } : asked;
  const { name, shape, classes } = dataset;
  const [height, width] = shape;
  const channels = shape[2] === 3 ? 3 : 1;
  if (height !== size || width !== size) {
    const fits = DCGAN_SIZES.some((side) => side === height && side === width);
    throw new UsageError(
      `Dataset ${name} has images of ${shapeText(shape)} pixels, but the program needs ${size}x${size}`,
      {
        hint: fits
          ? `Add --size ${height}, or choose another dataset.`
          : `It takes images of ${DCGAN_SIZES.map((side) => `${side}x${side}`).join(', ')} pixels (--size): import them with one of these as --size.`,
      },
    );
  }
  if (!conditional) return { ...asked, channels };
  if (classes === undefined) {
    throw new UsageError(`Dataset ${name} has no labels, which a conditional program needs`, {
      hint: 'Leave --conditional out, or choose a dataset with labels.',
    });
  }
  if (classes < MIN_CLASSES) {
    throw new UsageError(`Dataset ${name} has one class, and a conditional program needs two`, {
      hint: 'Leave --conditional out, or choose a dataset with more classes.',
    });
  }
  return { ...asked, channels, classes };
}
