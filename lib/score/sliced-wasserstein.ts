import { normals, StreamTag, streamKey } from '../numeric/random.ts';
import { dot } from './dot.ts';
import type { ImageSet } from './images.ts';
import { patchesByLevel, type Rows } from './patches.ts';

/** Random directions that patches are projected on. */
const DIRECTIONS = 128;
/** Directions whose projections are in memory at a time. */
const AT_ONCE = 16;
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
  for (let first = 0; first < DIRECTIONS; first += AT_ONCE) {
    const directions = Array.from({ length: AT_ONCE }, (_, i) =>
      unit(normals(stream, first + i, 1, a.size)),
    );
    const ours = project(a, directions);
    const theirs = project(b, directions);
    for (const [i, projected] of ours.entries()) {
      const other = theirs[i] as Float32Array;
      for (let k = 0; k < projected.length; k++) {
        sum += Math.abs((projected[k] as number) - (other[k] as number));
      }
    }
  }
  return sum / (DIRECTIONS * a.count);
}

function unit(direction: Float32Array): Float32Array {
  const length = Math.hypot(...direction);
  return direction.map((value) => value / length);
}

/** Each direction's products with all rows, sorted. */
function project(rows: Rows, directions: readonly Float32Array[]): Float32Array[] {
  const vectors = directions.map((direction) => Float64Array.from(direction));
  const projected = directions.map(() => new Float32Array(rows.count));
  const row = new Float64Array(rows.size);
  for (let i = 0; i < rows.count; i++) {
    row.set(rows.values.subarray(i * rows.size, (i + 1) * rows.size));
    for (let k = 0; k < vectors.length; k++) {
      (projected[k] as Float32Array)[i] = dot(row, 0, vectors[k] as Float64Array, 0, rows.size);
    }
  }
  return projected.map((values) => values.sort());
}
