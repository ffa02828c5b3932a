/** How a field's value is written, by protocol buffers' number. */
const Wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** The fields of a message, to be joined: those that TensorBoard's few messages need. */
export const field = {
  /** A whole number from 0 to 2^53. */
  integer: (number: number, value: number) => [tag(number, Wire.varint), varint(value)],
  double: (number: number, value: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    return [tag(number, Wire.fixed64), bytes];
  },
  float: (number: number, value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    return [tag(number, Wire.fixed32), bytes];
  },
  text: (number: number, value: string) => field.bytes(number, Buffer.from(value)),
  /** Bytes, or a message. */
  bytes: (number: number, value: Uint8Array) => [
    tag(number, Wire.bytes),
    varint(value.length),
    value,
  ],
} as const;

/** A message of these fields. */
export function message(...fields: readonly (readonly Uint8Array[])[]): Uint8Array {
  return Buffer.concat(fields.flat());
}

function tag(number: number, wire: number): Uint8Array {
  return varint(number * 8 + wire);
}

/** Seven bits a byte, the lowest first; a set high bit says that more follow. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return Uint8Array.of(...bytes, rest);
}
