import { normals, StreamTag, streamKey } from '../numeric/random.ts';
import type { ImageSet } from './images.ts';
import { patchesByLevel, type Rows } from './patches.ts';

/** Random directions that patches are projected on. */
const DIRECTIONS = 128;
/** The usual factor, because the distances are small numbers. */
const SCALE = 1000;
/** The random numbers of a score do not depend on a run's seed, so that runs can be compared. */
const SEED = 0;
const PLACES = 1;
const DIRECTION_INDEX = 2;

/**
 * Sliced Wasserstein distance of patches of Laplacian pyramids, a thousand times: the mean over the
 * levels. Needs no labels. Karras et al., "Progressive growing of GANs for improved quality,
 * stability, and variation", 2018, section 5.
 *
 * @param a as many images as `b`, of the same shape
 */
export function slicedWasserstein(a: ImageSet, b: ImageSet): number {
  const places = streamKey(SEED, StreamTag.scoredImages, PLACES);
  const levels = patchesByLevel(a, places);
  const others = patchesByLevel(b, places);
  const distances = levels.map((rows, level) => distance(rows, others[level] as Rows));
  return (SCALE * distances.reduce((sum, each) => sum + each, 0)) / distances.length;
}

/** The mean over random directions of the distance that both sets' projections have, sorted. */
function distance(a: Rows, b: Rows): number {
  const stream = streamKey(SEED, StreamTag.scoredImages, DIRECTION_INDEX);
  let sum = 0;
  for (let i = 0; i < DIRECTIONS; i++) {
    const direction = unit(normals(stream, i, 1, a.size));
    const [first, second] = [project(a, direction), project(b, direction)];
    for (let k = 0; k < first.length; k++) {
      sum += Math.abs((first[k] as number) - (second[k] as number));
    }
  }
  return sum / (DIRECTIONS * a.count);
}

function unit(direction: Float32Array): Float32Array {
  const length = Math.hypot(...direction);
  return direction.map((value) => value / length);
}

/** Sorted. */
function project({ values, count, size }: Rows, direction: Float32Array): Float32Array {
  const projected = new Float32Array(count);
  for (let row = 0; row < count; row++) {
    let sum = 0;
    for (let i = 0; i < size; i++) {
      sum += (values[row * size + i] as number) * (direction[i] as number);
    }
    projected[row] = sum;
  }
  return projected.sort();
}
