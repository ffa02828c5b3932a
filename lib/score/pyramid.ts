import type { ImageSet } from './images.ts';

/** The binomial filter that images are blurred with, before and after halving. */
const KERNEL = [1, 4, 6, 4, 1].map((weight) => weight / 16);
const REACH = 2;
/** No level has shorter sides: two patches' width. */
const SHORTEST_SIDE = 14;

/** One image as planes: `[channels, height, width]`. */
interface Plane {
  readonly values: Float64Array;
  readonly height: number;
  readonly width: number;
}

/** A level of one image, one plane per channel. */
export type Level = readonly Plane[];

/**
 * How many levels images of this size have: each has half the sides, none is shorter than 14
 * pixels.
 */
export function levelCount(height: number, width: number): number {
  let levels = 1;
  for (let side = Math.min(height, width); Math.ceil(side / 2) >= SHORTEST_SIDE; levels++) {
    side = Math.ceil(side / 2);
  }
  return levels;
}

/**
 * An image's Laplacian pyramid: what each level has that the next smaller one, enlarged, has not;
 * the last one as it is. Burt and Adelson, "The Laplacian pyramid as a compact image code", 1983.
 */
export function laplacianPyramid(images: ImageSet, index: number): Level[] {
  const [height, width, channels] = images.shape;
  const levels = levelCount(height, width);
  const byChannel = Array.from({ length: channels }, (_, channel) => {
    let plane = planeOf(images, index, channel);
    const pyramid: Plane[] = [];
    for (let level = 1; level < levels; level++) {
      const smaller = halve(plane);
      pyramid.push(subtract(plane, double(smaller, plane.height, plane.width)));
      plane = smaller;
    }
    return [...pyramid, plane];
  });
  return Array.from({ length: levels }, (_, level) =>
    byChannel.map((pyramid) => pyramid[level] as Plane),
  );
}

function planeOf({ values, shape }: ImageSet, index: number, channel: number): Plane {
  const [height, width, channels] = shape;
  const start = index * height * width * channels + channel;
  const plane = Float64Array.from(
    { length: height * width },
    (_, i) => values[start + i * channels] as number,
  );
  return { values: plane, height, width };
}

function subtract(a: Plane, b: Plane): Plane {
  return { ...a, values: a.values.map((value, i) => value - (b.values[i] as number)) };
}

/** Every second pixel of the blurred plane. */
function halve(plane: Plane): Plane {
  const blurred = blur(plane, 1);
  const [height, width] = [Math.ceil(plane.height / 2), Math.ceil(plane.width / 2)];
  const values = new Float64Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      values[y * width + x] = blurred.values[2 * y * plane.width + 2 * x] as number;
    }
  }
  return { values, height, width };
}

/** The plane with zeros in between, blurred, and four times as bright to make up for the zeros. */
function double(plane: Plane, height: number, width: number): Plane {
  const values = new Float64Array(height * width);
  for (let y = 0; y < plane.height; y++) {
    for (let x = 0; x < plane.width; x++) {
      values[2 * y * width + 2 * x] = plane.values[y * plane.width + x] as number;
    }
  }
  return blur({ values, height, width }, 4);
}

/** Rows, then columns; beyond its edges a plane is mirrored, without the edge itself. */
function blur({ values, height, width }: Plane, gain: number): Plane {
  const rows = new Float64Array(values.length);
  const result = new Float64Array(values.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = -REACH; k <= REACH; k++) {
        const at = y * width + mirrored(x + k, width);
        sum += (KERNEL[k + REACH] as number) * (values[at] as number);
      }
      rows[y * width + x] = sum;
    }
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = -REACH; k <= REACH; k++) {
        const at = mirrored(y + k, height) * width + x;
        sum += (KERNEL[k + REACH] as number) * (rows[at] as number);
      }
      result[y * width + x] = gain * sum;
    }
  }
  return { values: result, height, width };
}

function mirrored(at: number, size: number): number {
  const inside = at < 0 ? -at : at;
  return inside >= size ? Math.max(0, 2 * (size - 1) - inside) : inside;
}
