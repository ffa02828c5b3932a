/** A gradient holds an infinity or is not a number. */
export class NonFiniteError extends Error {
  constructor(readonly shard: number) {
    super(`The gradient of shard ${shard} holds a value that is not finite`);
    this.name = 'NonFiniteError';
  }
}

/**
 * Adds an encoded gradient, times a weight, to a sum. It is decoded in the same pass.
 *
 * @returns whether all of the gradient is finite
 */
export type Summand = (sum: Float64Array, weight: number) => boolean;

/** Parts of a gradient as one. */
export function joinSummands(parts: readonly Summand[]): Summand {
  return (sum, weight) => {
    let finite = true;
    for (const add of parts) finite = add(sum, weight) && finite;
    return finite;
  };
}

/** Adds values, times a weight, to a sum from `offset` on. @returns whether all are finite */
export function addFloats(
  sum: Float64Array,
  offset: number,
  values: Float32Array,
  weight: number,
): boolean {
  let probe = 0; // stays zero: only infinities and not-a-numbers times zero are not zero
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    sum[offset + i] = (sum[offset + i] as number) + weight * value;
    probe += value * 0;
  }
  return probe === 0;
}

/**
 * The sum of a step's gradients, each weighted by its shard's size, **in shard order**. Floating
 * point addition is not associative: only a fixed order makes the result independent of the order
 * in which shards arrive. Gradients that come early are held, still encoded, until their turn. The
 * sum is kept in float64.
 */
export class GradientSum {
  readonly sum: Float64Array;
  readonly #sizes: readonly number[];
  readonly #early = new Map<number, Summand>();
  #next = 0;
  #examples = 0;

  /**
   * @param sum where to sum. It is set to zero here, so that it can be used step after step
   * @param sizes number of examples of each shard
   */
  constructor(sum: Float64Array, sizes: readonly number[]) {
    this.sum = sum.fill(0);
    this.#sizes = sizes;
  }

  /** Examples of the shards that are summed. */
  get examples(): number {
    return this.#examples;
  }

  /** True when this shard's gradient was added, whether or not it is summed already. */
  has(shard: number): boolean {
    return shard < this.#next || this.#early.has(shard);
  }

  /**
   * Add the gradient of a shard's mean loss. A second one for the same shard is ignored.
   *
   * @param summand called when it is the gradient's turn
   * @throws NonFiniteError when it holds an infinity or is not a number
   */
  add(shard: number, summand: Summand): void {
    if (this.has(shard)) return;
    this.#early.set(shard, summand);
    this.#sumUp();
  }

  /** Leave out the missing shards, and sum those that wait for them. */
  leaveOutMissing(): void {
    for (; this.#next < this.#sizes.length; this.#next++) this.#sumUp();
  }

  #sumUp(): void {
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      const size = this.#sizes[this.#next] as number;
      if (!next(this.sum, size)) throw new NonFiniteError(this.#next);
      this.#examples += size;
      this.#next++;
    }
  }

  #take(): Summand | undefined {
    const summand = this.#early.get(this.#next);
    this.#early.delete(this.#next);
    return summand;
  }
}
