const HEADER = 4;
const SMALLEST = 100_000;

/** Bytes that tell whether they are whole: their number at the front sets all others and their length. */
export function patterned(number: number): Uint8Array {
  const bytes = Buffer.alloc(SMALLEST + (number % 97) * 1000, number % 251);
  bytes.writeUInt32LE(number);
  return bytes;
}

/** Whether bytes are exactly what `patterned` gave for some number. */
export function isPatterned(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER) return false;
  return Buffer.compare(bytes, patterned(Buffer.from(bytes).readUInt32LE())) === 0;
}
