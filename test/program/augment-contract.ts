import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadBackend } from '../../lib/backend/load.ts';
import {
  type AugmentationName,
  augmentationNames,
  drawAugmentations,
} from '../../lib/numeric/augmentation.ts';
import { normals, StreamTag, streamKey, uniforms } from '../../lib/numeric/random.ts';
import { augmentationInput, augmented, augmentedRows } from '../../lib/program/layers/augment.ts';
import type { PhaseInputs, Tfjs } from '../../lib/program/program.ts';
import type { BackendName } from '../../lib/run/record/config.ts';
import { augmentReference, type Image } from '../numeric/reference-augmentation.ts';

const EXAMPLES = 6;
type Shape = readonly [number, number, number];
type Numbers = readonly (readonly [AugmentationName, Float32Array])[];

/** What augmentation computes on one backend, against plain arrays. */
export function describeAugmentation(name: BackendName): void {
  let tf: Tfjs;
  beforeAll(async () => {
    ({ tf } = await loadBackend(name, 1));
  });

  const drawn = (names: readonly AugmentationName[], shape: Shape): Numbers =>
    drawAugmentations(streamKey(3, StreamTag.augmentation, 1), 0, EXAMPLES, {
      kind: 'real',
      names,
      shape,
    });

  /** The images as D sees them, and the gradient of their sum with these weights. */
  const computed = (numbers: Numbers, shape: Shape, weights: Float32Array) => {
    const before = tf.memory().numTensors;
    const all: Shape4 = [EXAMPLES, ...shape];
    const result = tf.tidy(() => {
      const images = tf.tensor4d(imagesOf(shape), all);
      const inputs = inputsOf(tf, numbers);
      const by = tf.tensor4d(weights, all);
      const changed = augmented(tf, images, inputs, 'real');
      const slope = tf.grad((x: Tensor) =>
        tf.sum(tf.mul(augmented(tf, x as Tensor4D, inputs, 'real'), by)),
      )(images);
      return { changed: [...changed.dataSync()], slope: [...slope.dataSync()] };
    });
    expect(tf.memory().numTensors).toBe(before);
    return result;
  };

  const cases = [['color'], ['translation'], ['cutout'], [...augmentationNames]] as const;
  const shapes: Shape[] = [
    [28, 28, 1],
    [32, 32, 3],
    [6, 9, 3],
  ];
  describe.each(shapes.flatMap((shape) => cases.map((names) => ({ shape, names }))))(
    `${name}: $names of images of $shape`,
    ({ shape, names }) => {
      const numbers = drawn(names, shape);
      const weights = normals([1, 2], 0, EXAMPLES, shape[0] * shape[1] * shape[2]);

      it("has the values of the design's formulas", () => {
        const { changed } = computed(numbers, shape, weights);
        const expected = referenceOf(numbers, shape, imagesOf(shape));
        expect(changed).toHaveLength(expected.length);
        expect(furthest(changed, expected)).toBeLessThan(2e-6);
        expect(furthest(imagesOf(shape), expected)).toBeGreaterThan(0.1);
      });

      it('has the gradient that differences of the formulas give', () => {
        const { slope } = computed(numbers, shape, weights);
        const direction = normals([3, 4], 0, EXAMPLES, weights.length / EXAMPLES);
        const images = imagesOf(shape);
        // For given numbers the images that D sees are linear in those that it is given.
        const [there, here] = [
          images.map((value, i) => value + (direction[i] as number)),
          images,
        ].map((values) => referenceOf(numbers, shape, values));
        const difference = (there ?? []).map((value, i) => value - (here?.[i] as number));
        expect(Math.abs(dot(slope, direction) - dot(difference, weights))).toBeLessThan(
          1e-4 * Math.sqrt(dot(slope, slope) * dot(direction, direction)),
        );
        expect(dot(slope, slope)).toBeGreaterThan(0);
      });
    },
  );

  it.each([
    ['no brightness, and the factors 1', 'color', [0, 1, 1]],
    ['a translation by nothing', 'translation', [0, 0]],
    ['a square outside the image', 'cutout', [32, -16]],
  ] as const)(`${name}: %s leaves images as they are`, (_what, augmentation, numbers) => {
    const shape: Shape = [32, 32, 3];
    const same = Float32Array.from({ length: EXAMPLES * numbers.length }, (_, i) => {
      return numbers[i % numbers.length] as number;
    });
    const images = imagesOf(shape);
    const { changed } = computed([[augmentation, same]], shape, images);
    // Colours may be rounded once: (x - mean) + mean.
    expect(furthest(changed, images)).toBeLessThanOrEqual(augmentation === 'color' ? 1e-6 : 0);
  });

  it(`${name}: no saturation makes images grey, and grey images have none`, () => {
    const numbers = (saturation: number): Numbers => [
      [
        'color',
        Float32Array.from(
          { length: 3 * EXAMPLES },
          (_, i) => [0.1, saturation, 1.4][i % 3] as number,
        ),
      ],
    ];
    const grey: Shape = [28, 28, 1];
    const weights = normals([1, 2], 0, EXAMPLES, 784);
    expect(computed(numbers(0.3), grey, weights)).toEqual(computed(numbers(1.9), grey, weights));
    const { changed } = computed(numbers(0), [8, 8, 3], normals([1, 2], 0, EXAMPLES, 192));
    for (let i = 0; i < changed.length; i += 3) {
      expect(Math.abs((changed[i] as number) - (changed[i + 1] as number))).toBeLessThan(1e-6);
      expect(Math.abs((changed[i] as number) - (changed[i + 2] as number))).toBeLessThan(1e-6);
    }
  });

  it(`${name}: without numbers, or with those of the other kind, images are the same tensor`, () => {
    tf.tidy(() => {
      const images = tf.zeros([2, 4, 4, 1]) as Tensor4D;
      const inputs = inputsOf(tf, drawn(['color'], [4, 4, 1]));
      expect(augmented(tf, images, { noise: inputs.noise }, 'real')).toBe(images);
      expect(augmented(tf, images, inputs, 'fake')).toBe(images);
      const rows = tf.zeros([2, 16]) as never;
      expect(augmentedRows(tf, rows, [4, 4, 1], inputs, 'fake')).toBe(rows);
    });
  });
}

type Shape4 = [number, number, number, number];

function imagesOf([height, width, channels]: Shape): Float32Array {
  const values = uniforms([5, 6], 0, EXAMPLES, height * width * channels);
  return Float32Array.from(values);
}

function inputsOf(tf: Tfjs, numbers: Numbers): PhaseInputs {
  const tensors = numbers.map(([augmentation, values]) => [
    augmentationInput('real', augmentation),
    tf.tensor2d(values, [EXAMPLES, values.length / EXAMPLES]),
  ]);
  return { noise: tf.zeros([1, 1]), ...Object.fromEntries(tensors) };
}

function referenceOf(numbers: Numbers, shape: Shape, values: ArrayLike<number>): number[] {
  return Array.from({ length: EXAMPLES }, (_, example) => {
    const own = numbers.map(([augmentation, all]) => {
      const each = all.length / EXAMPLES;
      return [augmentation, [...all.subarray(each * example, each * (example + 1))]];
    });
    return augmentReference(imageAt(values, shape, example), Object.fromEntries(own)).flat(2);
  }).flat();
}

function imageAt(
  values: ArrayLike<number>,
  [height, width, channels]: Shape,
  example: number,
): Image {
  const at = (row: number, column: number, channel: number) =>
    values[((example * height + row) * width + column) * channels + channel] as number;
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (_c, column) =>
      Array.from({ length: channels }, (_k, channel) => at(row, column, channel)),
    ),
  );
}

function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let far = 0;
  for (let i = 0; i < a.length; i++)
    far = Math.max(far, Math.abs((a[i] as number) - (b[i] as number)));
  return far;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
