import { z } from 'zod';
import { augmentationNames } from '../numeric/augmentation.ts';

/** Augmentations, each at most once. They come out in the order in which they are done. */
export const augmentSchema = z
  .array(z.unknown())
  // First of all, so that what is wrong with a long array is said once.
  .refine(({ length }) => length <= augmentationNames.length, {
    error: `names more than ${augmentationNames.join(', ')}, each once`,
  })
  .pipe(z.array(z.enum(augmentationNames)))
  .refine((names) => repeated(names) === undefined, {
    error: ({ input }) => `names ${repeated(input as string[])} twice`,
  })
  .transform((names) => augmentationNames.filter((name) => names.includes(name)));

function repeated(names: readonly string[]): string | undefined {
  return names.find((name, i) => names.indexOf(name) < i);
}
