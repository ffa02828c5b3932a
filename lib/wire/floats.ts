/** A float array's memory as bytes: a view. Lambduel runs on little-endian machines only. */
export function bytesOf(values: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Bytes as float32: a view where they are aligned, otherwise a copy. */
export function floatsOf(bytes: Uint8Array): Float32Array {
  const { buffer, byteOffset } = aligned(bytes, Float32Array.BYTES_PER_ELEMENT);
  return new Float32Array(buffer, byteOffset, bytes.byteLength / Float32Array.BYTES_PER_ELEMENT);
}

/** Bytes as 16-bit words: a view where they are aligned, otherwise a copy. */
export function halvesOf(bytes: Uint8Array): Uint16Array {
  const { buffer, byteOffset } = aligned(bytes, Uint16Array.BYTES_PER_ELEMENT);
  return new Uint16Array(buffer, byteOffset, bytes.byteLength / Uint16Array.BYTES_PER_ELEMENT);
}

function aligned(bytes: Uint8Array, size: number): Uint8Array {
  return bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
}
