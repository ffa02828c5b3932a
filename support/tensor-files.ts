import fc from 'fast-check';
import type { Dtype, RawTensor, TensorFile } from '../lib/wire/safetensors.ts';

const BYTES: Readonly<Record<Dtype, number>> = { F32: 4, F16: 2, I8: 1, U8: 1 };

/** A tensor of any type and shape, empty ones and scalars too, with any bytes. */
function anyTensor(name: string): fc.Arbitrary<RawTensor> {
  return fc
    .tuple(
      fc.constantFrom<Dtype>('F32', 'F16', 'I8', 'U8'),
      fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
    )
    .chain(([dtype, shape]) => {
      const size = shape.reduce((product, extent) => product * extent, BYTES[dtype]);
      const data = fc.uint8Array({ minLength: size, maxLength: size });
      return fc.record({
        name: fc.constant(name),
        dtype: fc.constant(dtype),
        shape: fc.constant(shape),
        data,
      });
    });
}

/** Any text as a name, but for the one that the format keeps and for array indices, which objects sort. */
const anyName = fc
  .oneof(fc.string({ unit: 'binary' }), fc.constantFrom('D.w1', '__proto__', 'toString', 'ä"\\'))
  .filter((name) => name !== '__metadata__' && !/^\d+$/.test(name));

/** Any file that can be written. */
export const anyTensorFile: fc.Arbitrary<TensorFile> = fc
  .uniqueArray(anyName, { maxLength: 5 })
  .chain((names) =>
    fc.record({
      tensors: fc.tuple(...names.map(anyTensor)),
      // A metadata key `__proto__` is dropped by the reader's schema.
      metadata: fc.dictionary(
        fc.string().filter((key) => key !== '__proto__'),
        fc.string(),
        { noNullPrototype: true },
      ),
    }),
  );

/** The bytes of a file with any header and any data: what its header says need not be so. */
export function rawFile(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
  return Buffer.concat([length, Buffer.from(text), data]);
}
