import { type ImageSet, imageValues } from './images.ts';

/**
 * How near each image is to the nearest of others: the root of the mean squared difference of their
 * values, 0 to 1.
 *
 * @param isSame whether an image of `images` and one of `others` are the same one, which does not count
 */
export function nearestDistances(
  images: ImageSet,
  others: ImageSet,
  isSame: (image: number, other: number) => boolean = () => false,
): Float64Array {
  const size = imageValues(images);
  return Float64Array.from({ length: images.count }, (_, image) => {
    let best = Number.POSITIVE_INFINITY;
    for (let other = 0; other < others.count; other++) {
      if (isSame(image, other)) continue;
      best = Math.min(
        best,
        squared(images.values, image * size, others.values, other * size, size, best),
      );
    }
    return Math.sqrt(best / size);
  });
}

/** Values that are summed before it is looked whether the sum is too large already. */
const STRETCH = 56;

/** The squared distance, or something larger than `limit` where it is. */
function squared(
  a: Float32Array,
  startA: number,
  b: Float32Array,
  startB: number,
  size: number,
  limit: number,
): number {
  let sum = 0;
  for (let first = 0; first < size && sum <= limit; first += STRETCH) {
    const end = Math.min(first + STRETCH, size);
    // Two sums, because each addition waits for the one before it.
    let [even, odd] = [0, 0];
    let i = first;
    for (; i + 1 < end; i += 2) {
      const one = (a[startA + i] as number) - (b[startB + i] as number);
      const other = (a[startA + i + 1] as number) - (b[startB + i + 1] as number);
      even += one * one;
      odd += other * other;
    }
    if (i < end) even += ((a[startA + i] as number) - (b[startB + i] as number)) ** 2;
    sum += even + odd;
  }
  return sum;
}
