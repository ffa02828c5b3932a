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
  const all = directionsOf(a.size);
  let sum = 0;
  for (let first = 0; first < DIRECTIONS; first += AT_ONCE) {
    const directions = all.slice(first, first + AT_ONCE);
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

const directionsBySize = new Map<number, readonly Float64Array[]>();

/** Of length 1: always the same for one number of values, and drawn once in a process. */
function directionsOf(size: number): readonly Float64Array[] {
  const known = directionsBySize.get(size);
  if (known) return known;
  const stream = streamKey(SEED, StreamTag.scoredImages, DIRECTION_INDEX);
  const directions = Array.from({ length: DIRECTIONS }, (_, i) => {
    const direction = normals(stream, i, 1, size);
    const length = Math.hypot(...direction);
    return Float64Array.from(direction.map((value) => value / length));
  });
  directionsBySize.set(size, directions);
  return directions;
}

/** Each direction's products with all rows, sorted. */
function project(rows: Rows, directions: readonly Float64Array[]): Float32Array[] {
  const projected = directions.map(() => new Float32Array(rows.count));
  const row = new Float64Array(rows.size);
  for (let i = 0; i < rows.count; i++) {
    row.set(rows.values.subarray(i * rows.size, (i + 1) * rows.size));
    for (const [k, direction] of directions.entries()) {
      (projected[k] as Float32Array)[i] = dot(row, 0, direction, 0, rows.size);
    }
  }
  return projected.map((values) => values.sort());
}
