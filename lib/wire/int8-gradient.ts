import { InvalidDataError } from '../errors.ts';
import { joinSummands, type Summand } from '../numeric/gradient-sum.ts';
import { addInt8, int8Blocks, toInt8 } from '../numeric/int8.ts';
import type { ParameterLayout } from '../numeric/parameter-block.ts';
import { RoundingNumbers, StreamTag, streamKey } from '../numeric/random.ts';
import { emptyTensors, requireLayout } from './parameters.ts';
import { encodeTensors, type RawTensor } from './safetensors.ts';

/** The tensor with all blocks' scales, tensor after tensor. Names of parameters have a dot. */
const SCALES = 'scales';

/** What the random numbers of a gradient's rounding follow from. */
export interface RoundingAddress {
  /** The run's. */
  readonly seed: number;
  /** The step; of a lane's difference the first step of its round. */
  readonly step: number;
  /** The shard, or lane. */
  readonly shard: number;
}

/**
 * Writes gradients of one layout as integers of 8 bits, into the same memory each time: see
 * `toInt8`. Blocks begin anew with each tensor, because tensors differ in scale. Value `k` of the
 * layout is rounded by number `k` of stream 5: a job that is done again gives the same bytes.
 */
export class Int8Encoder {
  /** Put the next gradient here before it is encoded. */
  readonly gradient: Float32Array;
  readonly #layout: ParameterLayout;
  readonly #numbers: RoundingNumbers;
  readonly #bytes: Uint8Array;
  readonly #codes: Int8Array;
  readonly #scales: Uint8Array;

  constructor(layout: ParameterLayout) {
    const { tensors, size } = layout;
    this.#layout = layout;
    this.gradient = new Float32Array(size);
    this.#numbers = new RoundingNumbers(size);
    const blocks = tensors.reduce((sum, place) => sum + int8Blocks(place.size), 0);
    this.#bytes = encodeTensors({ tensors: withScales(layout, blocks), metadata: {} });
    const scalesAt = this.#bytes.length - blocks;
    this.#codes = new Int8Array(this.#bytes.buffer, scalesAt - size, size);
    this.#scales = this.#bytes.subarray(scalesAt);
  }

  /** @returns the file's bytes, valid until the next call */
  encode({ seed, step, shard }: RoundingAddress): Uint8Array {
    const numbers = this.#numbers.draw(streamKey(seed, StreamTag.rounding, step), shard);
    let block = 0;
    for (const { offset, size } of this.#layout.tensors) {
      const [from, to] = [offset, offset + size];
      const scales = this.#scales.subarray(block, block + int8Blocks(size));
      const codes = this.#codes.subarray(from, to);
      toInt8(this.gradient.subarray(from, to), numbers.subarray(from, to), codes, scales);
      block += scales.length;
    }
    return this.#bytes;
  }
}

function withScales(layout: ParameterLayout, blocks: number): RawTensor[] {
  const scales = {
    name: SCALES,
    dtype: 'U8' as const,
    shape: [blocks],
    data: new Uint8Array(blocks),
  };
  return [...emptyTensors(layout, 'I8'), scales];
}

/** Whether a file's tensors are of the kind that {@link Int8Encoder} writes. */
export function isInt8(tensors: readonly RawTensor[]): boolean {
  return tensors.some(({ dtype }) => dtype === 'I8');
}

/**
 * The gradient that {@link Int8Encoder} wrote, as {@link Summand}.
 *
 * @param source what the bytes are, for messages
 * @throws InvalidDataError when its tensors are not exactly the layout's and their scales
 */
export function int8Summand(
  layout: ParameterLayout,
  tensors: readonly RawTensor[],
  source: string,
): Summand {
  const values = tensors.filter(({ name }) => name !== SCALES);
  requireLayout(layout, values, source);
  const scales = tensors.find(({ name }) => name === SCALES);
  let block = 0;
  const parts = layout.tensors.map(({ name, offset, size }): Summand => {
    const { dtype, data } = values.find((tensor) => tensor.name === name) as RawTensor;
    if (dtype !== 'I8') throw new InvalidDataError(`${source}: tensor ${name} is ${dtype}, not I8`);
    const codes = new Int8Array(data.buffer, data.byteOffset, data.length);
    const own = scales?.data.subarray(block, block + int8Blocks(size)) ?? new Uint8Array();
    block += int8Blocks(size);
    return (sum, weight) => addInt8(sum, offset, codes, own, weight);
  });
  if (scales?.dtype !== 'U8' || scales.shape.join() !== `${block}`) {
    throw new InvalidDataError(`${source} has not one scale of a byte for each of ${block} blocks`);
  }
  return joinSummands(parts);
}
