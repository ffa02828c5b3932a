import { z } from 'zod';
import { UsageError } from '../../errors.ts';
import type { Program } from '../../program/program.ts';
import { augmentSchema } from '../../wire/augment.ts';
import type { RunConfig } from './config.ts';

/** Augmentations as settings name them: in an array, or with commas between, as `color,cutout`. */
export const augmentSettingSchema = z.preprocess(
  (value) =>
    typeof value === 'object'
      ? value
      : String(value)
          .split(',')
          .map((name) => name.trim()),
  augmentSchema,
);

/** @throws UsageError when images are to be augmented, and the program does not do so */
export function checkAugment({ augments = false }: Program, config: RunConfig): void {
  const { augment, program } = config;
  if (augment.length === 0 || augments) return;
  throw new UsageError(
    `Program ${program.name} does not augment images, so it cannot train with ${augment.join(', ')}`,
    { hint: 'Leave the setting out (--augment), or choose a program that augments images.' },
  );
}
