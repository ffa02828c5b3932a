import { createHash } from 'node:crypto';
import { crc32 as zlibCrc32 } from 'node:zlib';

/** CRC-32 as eight hex digits. It finds damage, at 1 GB/s and more. It is no defence. */
export function crc32(bytes: Uint8Array): string {
  return zlibCrc32(bytes).toString(16).padStart(8, '0');
}

/** SHA-256 of a text or bytes as 64 hex digits. It identifies an object by its content. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
