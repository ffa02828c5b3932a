import { uniforms } from '../numeric/random.ts';
import type { Words } from '../numeric/threefry.ts';
import type { ImageSet } from './images.ts';
import { laplacianPyramid, levelCount } from './pyramid.ts';

/** Rows and columns of a patch, of images that have so many. */
const SIDE = 7;
/** Patches of each image at each level. */
export const PATCHES = 32;

/** Rows of numbers. */
export interface Rows {
  readonly values: Float32Array;
  readonly count: number;
  readonly size: number;
}

/**
 * Patches of images' Laplacian pyramids, one set per level. A patch of an image that is smaller has all
 * of its rows, or columns. Only the stream and the image's number decide the places. Each channel of a set
 * has mean 0 and deviation 1.
 *
 * @param stream gives the places: value 2k and 2k + 1 of image i are row and column of its patch k
 */
export function patchesByLevel(images: ImageSet, stream: Words): Rows[] {
  const [height, width, channels] = images.shape;
  const [rows, columns] = [Math.min(SIDE, height), Math.min(SIDE, width)];
  const pixels = rows * columns;
  const size = pixels * channels;
  const levels = levelCount(height, width);
  const count = images.count * PATCHES;
  const sets = Array.from({ length: levels }, () => new Float32Array(count * size));
  for (let index = 0; index < images.count; index++) {
    const places = uniforms(stream, index, 1, 2 * levels * PATCHES);
    laplacianPyramid(images, index).forEach((planes, level) => {
      for (let patch = 0; patch < PATCHES; patch++) {
        const at = 2 * (level * PATCHES + patch);
        const start = (index * PATCHES + patch) * size;
        planes.forEach((plane, channel) => {
          const top = Math.floor((places[at] as number) * (plane.height - rows + 1));
          const left = Math.floor((places[at + 1] as number) * (plane.width - columns + 1));
          for (let i = 0; i < pixels; i++) {
            const from = (top + Math.floor(i / columns)) * plane.width + left + (i % columns);
            (sets[level] as Float32Array)[start + channel * pixels + i] = plane.values[
              from
            ] as number;
          }
        });
      }
    });
  }
  for (const values of sets) normalize(values, pixels, channels);
  return sets.map((values) => ({ values, count, size }));
}

/**
 * In place: each channel gets mean 0 and deviation 1 over the whole set; a constant one becomes 0.
 */
function normalize(values: Float32Array, pixels: number, channels: number): void {
  const size = pixels * channels;
  for (let channel = 0; channel < channels; channel++) {
    let [sum, squares] = [0, 0];
    const each = (act: (at: number, value: number) => void) => {
      for (let start = channel * pixels; start < values.length; start += size) {
        for (let at = start; at < start + pixels; at++) act(at, values[at] as number);
      }
    };
    each((_, value) => {
      sum += value;
      squares += value * value;
    });
    const number = values.length / channels;
    const mean = sum / number;
    const deviation = Math.sqrt(Math.max(0, squares / number - mean * mean));
    each((at, value) => {
      values[at] = deviation > 0 ? (value - mean) / deviation : 0;
    });
  }
}
