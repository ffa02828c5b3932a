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
 * order the shards arrive in. Gradients that come early are held, not yet decoded, until their turn;
 * the sum is kept in float64.
 */
export class GradientSum {
  readonly sum: Float64Array;
  readonly #sizes: readonly number[];
  readonly #early = new Map<number, () => Float32Array>();
  #next = 0;

  /**
   * @param sum where to sum: set to zero here, so that it can serve step after step
   * @param sizes number of examples of each shard
   */
  constructor(sum: Float64Array, sizes: readonly number[]) {
    this.sum = sum.fill(0);
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
   * @param decode gives the gradient when its turn has come; it may reuse its memory after that
   * @throws NonFiniteError when it holds an infinity or is not a number
   */
  add(shard: number, decode: () => Float32Array): void {
    if (this.has(shard)) return;
    this.#early.set(shard, decode);
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      this.#accumulate(next(), this.#sizes[this.#next] as number);
      this.#next++;
    }
  }

  #take(): (() => Float32Array) | undefined {
    const decode = this.#early.get(this.#next);
    this.#early.delete(this.#next);
    return decode;
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
