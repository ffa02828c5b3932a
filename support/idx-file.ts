/** What an IDX file is to say; by default, 8-bit images. */
export interface IdxParts {
  readonly type?: number;
  readonly sizes: readonly number[];
  readonly data: Uint8Array;
}

/** An IDX file, written from its description: two zeros, type, dimensions, big-endian sizes, data. */
export function idxFile({ type = 0x08, sizes, data }: IdxParts): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header[2] = type;
  header[3] = sizes.length;
  sizes.forEach((size, i) => {
    header.writeUInt32BE(size, 4 + 4 * i);
  });
  return Buffer.concat([header, data]);
}
