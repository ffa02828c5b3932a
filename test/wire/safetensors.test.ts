import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTensors, encodeTensors, type TensorFile } from '../../lib/wire/safetensors.ts';
import { anyTensorFile } from '../../support/tensor-files.ts';

it('gives back what was written, for any names, types, shapes, bytes and metadata', () => {
  fc.assert(
    fc.property(anyTensorFile, (file) => {
      const { tensors, metadata } = decodeTensors(encodeTensors(file), 'test');
      expect(tensors.map(plain)).toEqual(file.tensors.map(plain));
      expect(metadata).toEqual(file.metadata);
    }),
    { numRuns: 500 },
  );
});

it('lays a file out as the format says, byte by byte', () => {
  const file = encodeTensors({
    tensors: [
      { name: 'w', dtype: 'F16', shape: [1, 2], data: Uint8Array.of(1, 2, 3, 4) },
      { name: 'b', dtype: 'U8', shape: [3], data: Uint8Array.of(5, 6, 7) },
    ],
    metadata: { note: 'hi' },
  });
  const header =
    '{"__metadata__":{"note":"hi"},' +
    '"w":{"dtype":"F16","shape":[1,2],"data_offsets":[0,4]},' +
    '"b":{"dtype":"U8","shape":[3],"data_offsets":[4,7]}}';
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  const expected = Buffer.concat([
    Uint8Array.of(padded.length, 0, 0, 0, 0, 0, 0, 0), // unsigned, 64 bits, little-endian
    Buffer.from(padded),
    Uint8Array.of(1, 2, 3, 4, 5, 6, 7),
  ]);
  expect(Buffer.from(file)).toEqual(expected);
});

it('begins the data at a multiple of 8 bytes, whatever the header', () => {
  fc.assert(
    fc.property(anyTensorFile, (file) => {
      const bytes = encodeTensors(file);
      const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
      expect((8 + header) % 8).toBe(0);
    }),
  );
});

it('leaves the metadata out where there is none', () => {
  const bytes = encodeTensors({ tensors: [], metadata: {} });
  expect(Buffer.from(bytes).subarray(8).toString()).toBe('{}      ');
});

describe('reading', () => {
  const file: TensorFile = {
    tensors: [{ name: 'a', dtype: 'U8', shape: [2], data: Uint8Array.of(8, 9) }],
    metadata: {},
  };

  it('works on bytes that are a part of others, at any alignment, and copies nothing', () => {
    const encoded = encodeTensors(file);
    for (let shift = 0; shift < 8; shift++) {
      const around = new Uint8Array(encoded.length + 16).fill(0xff);
      around.set(encoded, shift);
      const bytes = around.subarray(shift, shift + encoded.length);
      const { tensors } = decodeTensors(bytes, 'test');
      expect(tensors.map(plain)).toEqual(file.tensors.map(plain));
      expect(tensors[0]?.data.buffer).toBe(around.buffer);
    }
  });

  it('gives tensors in the order of their data, not of the header', () => {
    const tensors = ['c', 'a', 'b'].map((name) => ({ ...file.tensors[0], name }));
    const bytes = encodeTensors({ tensors, metadata: {} } as TensorFile);
    // Prepare: the header's entries the other way round, the data where it was
    const start = 8 + bytes.indexOf(0x20, 8) - 8;
    const text = Buffer.from(bytes.subarray(8, start)).toString();
    const entries = Object.entries(JSON.parse(text)).reverse();
    const turned = JSON.stringify(Object.fromEntries(entries));
    expect(turned).not.toBe(text);
    bytes.set(Buffer.from(turned), 8);
    // Act, assess
    expect(decodeTensors(bytes, 'test').tensors.map(({ name }) => name)).toEqual(['c', 'a', 'b']);
  });
});

it.each(['a', '__metadata__'])('refuses to write a second tensor %s', (name) => {
  const tensor = { dtype: 'U8', shape: [0], data: new Uint8Array() } as const;
  const tensors = [
    { ...tensor, name: 'a' },
    { ...tensor, name },
  ];
  expect(() => encodeTensors({ tensors, metadata: {} })).toThrow(`Tensor name ${name} is taken`);
});

function plain({ name, dtype, shape, data }: TensorFile['tensors'][number]) {
  return { name, dtype, shape, data: [...data] };
}
