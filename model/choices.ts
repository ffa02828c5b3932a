/** Choices that follow from a seed: the only source of chance in a simulation. */
export class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to 1, by the generator `mulberry32`. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let word = this.#state;
    word = Math.imul(word ^ (word >>> 15), word | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to `limit`, which is left out. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  /** One of the values, each as likely as its weight says. */
  pickWeighted<T>(values: readonly T[], weightOf: (value: T) => number): T {
    let rest = this.fraction() * values.reduce((sum, value) => sum + weightOf(value), 0);
    for (const value of values) {
      rest -= weightOf(value);
      if (rest < 0) return value;
    }
    return values[values.length - 1] as T;
  }
}
