/** A gradient holds an infinity or is not a number. */
export class NonFiniteError extends Error {
  constructor(readonly shard: number) {
    super(`The gradient of shard ${shard} holds a value that is not finite`);
    this.name = 'NonFiniteError';
  }
}

/**
 * The sum of a step's gradients, each weighted by its shard's size, **in shard order**: floating
 * point addition is not associative, so a fixed order is what makes the result the same whatever
 * order the shards arrive in. Gradients that come early are held until their turn; the sum is kept
 * in float64.
 */
export class GradientSum {
  readonly sum: Float64Array;
  readonly #sizes: readonly number[];
  readonly #early = new Map<number, Float32Array>();
  #next = 0;

  /** @param sizes number of examples of each shard */
  constructor(parameters: number, sizes: readonly number[]) {
    this.sum = new Float64Array(parameters);
    this.#sizes = sizes;
  }

  /** True when every shard is in. */
  get complete(): boolean {
    return this.#next === this.#sizes.length;
  }

  /** True when this shard's gradient has been taken, summed already or not. */
  has(shard: number): boolean {
    return shard < this.#next || this.#early.has(shard);
  }

  /**
   * Take a shard's gradient of its mean loss; a second one for the same shard is ignored.
   *
   * @throws NonFiniteError when it holds an infinity or is not a number
   */
  add(shard: number, gradient: Float32Array): void {
    if (this.has(shard)) return;
    this.#early.set(shard, gradient);
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      this.#accumulate(next, this.#sizes[this.#next] as number);
      this.#next++;
    }
  }

  #take(): Float32Array | undefined {
    const gradient = this.#early.get(this.#next);
    this.#early.delete(this.#next);
    return gradient;
  }

  #accumulate(gradient: Float32Array, size: number): void {
    const sum = this.sum;
    let probe = 0; // stays zero: only infinities and not-a-numbers times zero are not zero
    for (let i = 0; i < sum.length; i++) {
      const value = gradient[i] as number;
      sum[i] = (sum[i] as number) + size * value;
      probe += value * 0;
    }
    if (probe !== 0) throw new NonFiniteError(this.#next);
  }
}
