/** Below this sine of their angle, two vectors count as parallel. */
const PARALLEL = 1e-6;

/**
 * Vectors on the way from each of some vectors to the next, by spherical interpolation (Shoemake,
 * "Animating rotation with quaternion curves", 1985): noise in between is as long as noise is, which
 * that of a straight line is not.
 *
 * With `t = j / steps` and the angle `a` between two vectors it is `(sin((1 - t) a) x + sin(t a) y) / sin a`;
 * for parallel ones `(1 - t) x + t y`. Arithmetic is float64, results are float32.
 *
 * @param vectors back to back, each of `length` numbers
 * @param steps from one vector to the next
 * @returns `(vectors - 1) * steps + 1` vectors back to back: those given, and those between
 */
export function interpolate(vectors: Float32Array, length: number, steps: number): Float32Array {
  const count = vectors.length / length;
  const path = new Float32Array(((count - 1) * steps + 1) * length);
  for (let i = 0; i + 1 < count; i++) {
    const x = vectors.subarray(i * length, (i + 1) * length);
    const y = vectors.subarray((i + 1) * length, (i + 2) * length);
    const angle = angleBetween(x, y);
    path.set(x, i * steps * length);
    for (let j = 1; j < steps; j++) {
      const [a, b] = shares(j / steps, angle);
      path.set(
        x.map((value, k) => a * value + b * (y[k] as number)),
        (i * steps + j) * length,
      );
    }
  }
  path.set(vectors.subarray((count - 1) * length), path.length - length);
  return path;
}

/** The shares of two vectors at `t` of the way. */
function shares(t: number, angle: number): [number, number] {
  const sine = Math.sin(angle);
  if (sine < PARALLEL) return [1 - t, t];
  return [Math.sin((1 - t) * angle) / sine, Math.sin(t * angle) / sine];
}

function angleBetween(x: Float32Array, y: Float32Array): number {
  const cosine = dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
  return Number.isFinite(cosine) ? Math.acos(Math.max(-1, Math.min(1, cosine))) : 0;
}

function dot(x: Float32Array, y: Float32Array): number {
  return x.reduce((sum, value, i) => sum + value * (y[i] as number), 0);
}
