import type { DcganForm } from './dcgan-networks.ts';
import type { WorkingValues } from './program.ts';

/**
 * Tensors of a layer's size that TensorFlow.js keeps at the same time, forwards, or forwards and
 * backwards. Counted with `tf.profile`: test/program/working-values.test.ts.
 */
const FORWARD = { normed: 10, image: 4 } as const;
const BACKWARD = { normed: 22, biased: 15, image: 1.5, label: 4 } as const;

/** What one example takes, by the sizes of the layers. */
export function dcganWorkingValues(form: DcganForm): WorkingValues {
  const { stages, base, size, widths, channels, classes } = form;
  const layers = widths.map((width, i) => (size / 2 ** (i + 1)) ** 2 * width);
  const [biased = 0, ...normed] = layers;
  const drawn = widths.map((_, i) => (base * 2 ** i) ** 2 * (widths[stages - 1 - i] ?? 0));
  const pixels = size * size;
  const generator = FORWARD.normed * sum(drawn) + FORWARD.image * pixels * channels;
  const discriminator =
    BACKWARD.biased * biased +
    BACKWARD.normed * sum(normed) +
    BACKWARD.image * pixels * channels +
    BACKWARD.label * pixels * classes;
  // D's phase is the largest: it draws fakes, and judges reals and fakes.
  return { gradient: generator + 2 * discriminator, drawing: generator };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
