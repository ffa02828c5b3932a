import fc from 'fast-check';

/** Numbers at which lengths and counts go wrong, as 32 bits; doubled they make 64. */
const EXTREMES = [
  0, 1, 2, 0x7f, 0xff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
];

const KINDS = [
  'flip',
  'set',
  'cut',
  'insert',
  'remove',
  'copy',
  'u32be',
  'u32le',
  'u64le',
] as const;

interface Edit {
  readonly kind: (typeof KINDS)[number];
  readonly at: number;
  readonly from: number;
  readonly length: number;
  readonly value: number;
}

const anyEdit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom(...KINDS),
  // Headers are at the beginning, and most of what is worth changing is in them.
  at: fc.oneof(fc.nat(32), fc.nat(0x7fffffff)),
  from: fc.nat(0x7fffffff),
  length: fc.oneof(fc.nat(4), fc.nat(200)),
  value: fc.oneof(fc.constantFrom(...EXTREMES), fc.nat(0xff)),
});

/** Bytes that were valid, with up to four changes: bits, lengths, parts that are gone or come twice. */
export function damaged(valid: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.constantFrom(...valid), fc.array(anyEdit, { maxLength: 4 }))
    .map(([bytes, edits]): Uint8Array => edits.reduce<Buffer>(applied, Buffer.from(bytes)));
}

/** Short bytes of any kind. */
export const anyBytes: fc.Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 200 });

function applied(bytes: Buffer, { kind, at, from, length, value }: Edit): Buffer {
  if (bytes.length === 0) return Buffer.from([value & 0xff]);
  const place = at % bytes.length;
  const head = bytes.subarray(0, place);
  const other = bytes.subarray(from % bytes.length, (from % bytes.length) + length);
  switch (kind) {
    case 'flip':
      return withByte(bytes, place, (bytes[place] as number) ^ (1 << (value % 8)));
    case 'set':
      return withByte(bytes, place, value & 0xff);
    case 'cut':
      return Buffer.from(head);
    case 'insert':
      return Buffer.concat([head, Buffer.alloc(length, value & 0xff), bytes.subarray(place)]);
    case 'remove':
      return Buffer.concat([head, bytes.subarray(place + length)]);
    case 'copy':
      return Buffer.concat([head, other, bytes.subarray(place)]);
    default:
      return withNumber(bytes, kind, place, value);
  }
}

function withByte(bytes: Buffer, place: number, value: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[place] = value;
  return changed;
}

function withNumber(bytes: Buffer, kind: 'u32be' | 'u32le' | 'u64le', at: number, value: number) {
  const size = kind === 'u64le' ? 8 : 4;
  if (bytes.length < size) return bytes;
  const changed = Buffer.from(bytes);
  const place = Math.min(at, bytes.length - size);
  if (kind === 'u32be') changed.writeUInt32BE(value, place);
  else changed.writeUInt32LE(value, place);
  if (size === 8) changed.writeUInt32LE(value > 0x7fffffff ? value : 0, place + 4);
  return changed;
}
