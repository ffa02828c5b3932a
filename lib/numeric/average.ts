/**
 * The decay of an exponential moving average over this many examples. After `halfLife` examples the
 * weight of the old average is a half.
 */
export function averageDecay(examples: number, halfLife: number): number {
  return 0.5 ** (examples / halfLife);
}

/**
 * Move an average towards values, in place: `average = decay average + (1 - decay) values`.
 * Arithmetic is float64, state is stored as float32.
 */
export function moveAverage(average: Float32Array, values: Float32Array, decay: number): void {
  const share = 1 - decay;
  for (let i = 0; i < average.length; i++) {
    average[i] = decay * (average[i] as number) + share * (values[i] as number);
  }
}
