/** Images as float32 values in [0, 1], back to back; channels of a pixel lie side by side. */
export interface ImageSet {
  readonly values: Float32Array;
  readonly count: number;
  readonly shape: readonly [height: number, width: number, channels: number];
}

/** How many numbers an image has. */
export function imageValues({ shape: [height, width, channels] }: ImageSet): number {
  return height * width * channels;
}

/**
 * `count` of `population` indices, evenly spread, so that examples in order of class are all
 * covered.
 */
export function spread(count: number, population: number): Uint32Array {
  const taken = Math.min(count, population);
  return Uint32Array.from({ length: taken }, (_, i) => Math.floor((i * population) / taken));
}
