import { fillBlocks, type Words } from './threefry.ts';

/**
 * How images may be changed before D sees them, in the order in which it is done. Source: Zhao et al.,
 * "Differentiable augmentation for data-efficient GAN training", 2020.
 */
export const augmentationNames = ['color', 'translation', 'cutout'] as const;

/** One of {@link augmentationNames}. */
export type AugmentationName = (typeof augmentationNames)[number];

/** Which images are changed. Each kind has random numbers of its own. */
export type ImageKind = 'real' | 'fake';

/** An image's height and width. */
type Sides = readonly [height: number, width: number, ...rest: number[]];

const TWO_32 = 2 ** 32;

/** The first block of an example's numbers. Block 0 is the coin toss of mirroring. */
const FIRST_BLOCK: Readonly<Record<ImageKind, number>> = { real: 1, fake: 5 };
/** Four blocks have eight words, the fourth of which is not used. */
const BLOCKS = 4;

/** What each augmentation makes of an example's eight words. */
const NUMBERS: Readonly<Record<AugmentationName, (words: Uint32Array, sides: Sides) => number[]>> =
  {
    color: ([brightness = 0, saturation = 0, contrast = 0]) => [
      (brightness / TWO_32 - 0.5) / 2,
      2 * (saturation / TWO_32),
      contrast / TWO_32 + 0.5,
    ],
    translation: ([, , , , down = 0, right = 0], [height, width]) => [
      shiftOf(down, height),
      shiftOf(right, width),
    ],
    cutout: ([, , , , , , row = 0, column = 0], [height, width]) => [
      firstOf(row, height),
      firstOf(column, width),
    ],
  };

/** What the numbers of augmentations are drawn for. */
export interface AugmentedImages {
  readonly kind: ImageKind;
  readonly names: readonly AugmentationName[];
  readonly shape: Sides;
}

/**
 * The numbers of augmentations. Those of one do not depend on which others there are.
 *
 * - `color`: what is added as brightness, the factor of saturation, the factor of contrast;
 * - `translation`: pixels down and to the right;
 * - `cutout`: the first row and the first column of the square, perhaps outside the image.
 *
 * @param stream stream 7 of the step
 * @param first the first example's number in the global batch
 * @returns by augmentation, in the order of `names`; examples back to back
 */
export function drawAugmentations(
  stream: Words,
  first: number,
  examples: number,
  { kind, names, shape }: AugmentedImages,
): [AugmentationName, Float32Array][] {
  if (names.length === 0) return [];
  const words = Array.from({ length: examples }, (_, i) => {
    const own = new Uint32Array(2 * BLOCKS);
    fillBlocks(stream, [first + i, FIRST_BLOCK[kind]], own);
    return own;
  });
  return names.map((name) => {
    const rows = words.map((own) => NUMBERS[name](own, shape));
    return [name, Float32Array.from(rows.flat())];
  });
}

/** The side of the square that is cut out of an image of this side: half of it, rounded. */
export function cutoutSide(side: number): number {
  return Math.floor(side / 2 + 0.5);
}

/** An image is moved by up to an eighth of its side, rounded, in both directions. */
function shiftOf(word: number, side: number): number {
  const most = Math.floor(side / 8 + 0.5);
  return below(word, 2 * most + 1) - most;
}

/** The square's middle is anywhere in the image, so that a part of it may be outside. */
function firstOf(word: number, side: number): number {
  const square = cutoutSide(side);
  return below(word, side + 1 - (square % 2)) - Math.floor(square / 2);
}

/** A whole number from 0 to below `count`. */
function below(word: number, count: number): number {
  return Math.floor((word * count) / TWO_32);
}
