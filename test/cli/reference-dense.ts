/** `x w + b`, w in C order. */
export function dense(x: Float64Array, w: Float64Array, b: Float64Array): Float64Array {
  const y = b.slice();
  const width = y.length;
  x.forEach((value, i) => {
    for (let j = 0; j < width; j++) {
      y[j] = (y[j] as number) + value * (w[i * width + j] as number);
    }
  });
  return y;
}

/** Add the gradients of a dense layer's tensors. @returns the derivative by its input */
export function backThroughDense(
  w: Float64Array,
  x: Float64Array,
  byOutput: Float64Array,
  intoW: Float64Array,
  intoB: Float64Array,
): Float64Array {
  const width = byOutput.length;
  byOutput.forEach((slope, j) => {
    intoB[j] = (intoB[j] as number) + slope;
  });
  return x.map((value, i) => {
    let slope = 0;
    for (let j = 0; j < width; j++) {
      const at = i * width + j;
      intoW[at] = (intoW[at] as number) + value * (byOutput[j] as number);
      slope += (w[at] as number) * (byOutput[j] as number);
    }
    return slope;
  });
}
