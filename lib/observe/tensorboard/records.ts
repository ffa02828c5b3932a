import { crc32c } from './crc32c.ts';

/** What TFRecord adds to a rotated checksum, so that no checksum is of data that has checksums in it. */
const MASK_DELTA = 0xa282ead8;
const LENGTH_BYTES = 8;
const CRC_BYTES = 4;

/**
 * Data as one record of a TFRecord file: its length (uint64), the length's masked CRC-32C, the data, and
 * the data's masked CRC-32C. Numbers are little-endian.
 */
export function encodeRecord(data: Uint8Array): Uint8Array {
  const record = Buffer.alloc(LENGTH_BYTES + data.length + 2 * CRC_BYTES);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(masked(record.subarray(0, LENGTH_BYTES)), LENGTH_BYTES);
  record.set(data, LENGTH_BYTES + CRC_BYTES);
  record.writeUInt32LE(masked(data), record.length - CRC_BYTES);
  return record;
}

function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}
