import { threefryReference } from './reference-random.ts';

/** An image as its values by row, column and channel. */
export type Image = readonly (readonly (readonly number[])[])[];

/** The numbers by which an example is changed. */
export interface Numbers {
  readonly color?: readonly number[];
  readonly translation?: readonly number[];
  readonly cutout?: readonly number[];
}

/** An example's numbers, as the table in the design says, in exact integers where they are whole. */
export function augmentationReference(
  stream: readonly [number, number],
  example: number,
  kind: 'real' | 'fake',
  [height, width]: readonly number[],
): Required<Numbers> {
  const block = (real: number) =>
    threefryReference(stream, [example, kind === 'real' ? real : real + 4]);
  const uniform = (word: number) => word / 4294967296;
  const whole = (word: number, count: number) => Number((BigInt(word) * BigInt(count)) >> 32n);
  const [brightness, saturation] = block(1).map(uniform) as [number, number];
  const contrast = uniform(block(2)[0]);
  const sides = [height as number, width as number];
  const shifts = block(3).map((word, axis) => {
    const most = Math.floor((sides[axis] as number) / 8 + 1 / 2);
    return whole(word, 2 * most + 1) - most;
  });
  const firsts = block(4).map((word, axis) => {
    const side = sides[axis] as number;
    const square = Math.floor(side / 2 + 1 / 2);
    return whole(word, side + 1 - (square % 2)) - Math.floor(square / 2);
  });
  return {
    color: [(brightness - 0.5) / 2, 2 * saturation, contrast + 0.5],
    translation: shifts,
    cutout: firsts,
  };
}

/** An image as D sees it, by the design's formulas, value by value. */
export function augmentReference(image: Image, { color, translation, cutout }: Numbers): Image {
  let x = image;
  if (color) {
    const [b = 0, s = 0, c = 0] = color;
    x = mapped(x, (value) => value + b);
    x = x.map((row) =>
      row.map((pixel) => pixel.map((value) => (value - meanOf(pixel)) * s + meanOf(pixel))),
    );
    const mean = meanOf(x.flat(2));
    x = mapped(x, (value) => (value - mean) * c + mean);
  }
  if (translation) {
    const [down = 0, right = 0] = translation;
    const before = x;
    x = mapped(x, (_, i, j, k) => before[i - down]?.[j - right]?.[k] ?? 0);
  }
  if (cutout) {
    const [top = 0, left = 0] = cutout;
    const [rows, columns] = [x.length, x[0]?.length ?? 0].map((side) =>
      Math.floor(side / 2 + 1 / 2),
    );
    const within = (at: number, first: number, size = 0) => at >= first && at < first + size;
    x = mapped(x, (value, i, j) => (within(i, top, rows) && within(j, left, columns) ? 0 : value));
  }
  return x;
}

/**
 * The slope of a loss by an image, from its slope by the image as D sees it. Each formula but for
 * brightness is linear; colours' are symmetric and may come in any order, and a move is undone.
 */
export function slopeReference(slope: Image, { color, translation, cutout }: Numbers): Image {
  const [, saturation = 1, contrast = 1] = color ?? [];
  const back = (translation ?? [0, 0]).map((shift) => -shift);
  const uncovered = augmentReference(slope, cutout ? { cutout } : {});
  const moved = augmentReference(uncovered, { translation: back });
  return augmentReference(moved, { color: [0, saturation, contrast] });
}

function mapped(
  image: Image,
  change: (value: number, row: number, column: number, channel: number) => number,
): Image {
  return image.map((row, i) => row.map((pixel, j) => pixel.map((v, k) => change(v, i, j, k))));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
