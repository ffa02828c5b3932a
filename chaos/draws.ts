import { threefry2x32, type Words } from '../lib/numeric/threefry.ts';

const TWO_32 = 2 ** 32;

/** Random draws that follow from a seed and a stream's number alone. */
export class Draws {
  readonly #key: Words;
  readonly #stream: number;
  #count = 0;

  constructor(seed: number, stream: number) {
    this.#key = [seed % TWO_32, Math.floor(seed / TWO_32)];
    this.#stream = stream;
  }

  /** A whole number from 0 up to `end`, which it does not reach. */
  below(end: number): number {
    const [word] = threefry2x32(this.#key, [this.#stream, this.#count++]);
    return Math.floor((word * end) / TWO_32);
  }

  /** A whole number between these two, both included. */
  between([least, most]: readonly [number, number]): number {
    return least + this.below(most - least + 1);
  }

  /** One of several, each as likely. */
  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  /** The same values in a random order. */
  shuffled<T>(values: readonly T[]): T[] {
    const mixed = [...values];
    for (let i = mixed.length - 1; i > 0; i--) {
      const other = this.below(i + 1);
      [mixed[i], mixed[other]] = [mixed[other] as T, mixed[i] as T];
    }
    return mixed;
  }
}
