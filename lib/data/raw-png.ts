import { InvalidDataError } from '../errors.ts';
import { MAX_SIDE } from './images.ts';

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
/** Length, type and checksum of a chunk: what it has beside its data. */
const CHUNK_OVERHEAD = 12;
const HEADER_LENGTH = 13;
const MAX_PALETTE_BYTES = 3 * 256;
/** Encoders write some kB a chunk, and the decoder keeps a record of each: a byte would cost 100. */
const MAX_CHUNKS = 2 ** 16;

/** Channels and bit depths of each colour type that there is. */
const COLOUR_TYPES: Readonly<Record<number, { channels: number; depths: readonly number[] }>> = {
  0: { channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { channels: 3, depths: [8, 16] },
  3: { channels: 1, depths: [1, 2, 4, 8] },
  4: { channels: 2, depths: [8, 16] },
  6: { channels: 4, depths: [8, 16] },
};

/** A PNG of which nothing has been decoded. */
export interface RawPng {
  readonly bytes: Buffer;
  /** Rows and columns. */
  readonly shape: readonly [number, number];
  /** How many bytes a row has, its filter's number included. */
  readonly rowBytes: number;
  /** The deflated rows, in parts. */
  readonly deflated: readonly Buffer[];
}

/**
 * Read what a PNG says of itself. Refuses what would make the decoder use memory without bound: it
 * allocates by the last of several headers, keeps every palette and every part of the pixels there
 * is, and inflates interlaced pixels to whatever they become.
 *
 * @throws InvalidDataError whose message begins with `where`
 */
export function readRawPng(where: string, bytes: Buffer): RawPng {
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) {
    throw new InvalidDataError(`${where}: it is not a PNG file, in spite of its name`, {
      hint: 'Convert it to PNG, or take it out of the folder.',
    });
  }
  let header: Pick<RawPng, 'shape' | 'rowBytes'> | undefined;
  let palettes = 0;
  let chunks = 0;
  const deflated: Buffer[] = [];
  let offset = SIGNATURE.length;
  while (offset + CHUNK_OVERHEAD <= bytes.length) {
    const length = bytes.readUInt32BE(offset);
    const type = bytes.toString('latin1', offset + 4, offset + 8);
    const data = bytes.subarray(offset + 8, offset + 8 + length);
    if (++chunks > MAX_CHUNKS) throw damaged(where, 'number of chunks');
    const first = header === undefined;
    if ((type === 'IHDR') !== first) throw damaged(where, 'header');
    if (first) header = parseHeader(where, data);
    if (type === 'PLTE' && (palettes++ > 0 || length > MAX_PALETTE_BYTES)) {
      throw damaged(where, 'palette');
    }
    if (type === 'IDAT') deflated.push(data);
    offset += CHUNK_OVERHEAD + length;
  }
  if (header === undefined) throw damaged(where, 'header');
  return { bytes, ...header, deflated };
}

function parseHeader(where: string, data: Buffer): Pick<RawPng, 'shape' | 'rowBytes'> {
  if (data.length !== HEADER_LENGTH) throw damaged(where, 'header');
  const columns = data.readUInt32BE(0);
  const rows = data.readUInt32BE(4);
  if (rows < 1 || columns < 1 || rows > MAX_SIDE || columns > MAX_SIDE) {
    throw new InvalidDataError(`${where}: it has ${rows} rows and ${columns} columns`, {
      hint: `Images have from 1 to ${MAX_SIDE} rows and columns.`,
    });
  }
  const [depth = 0, colourType = 0, , , interlace] = data.subarray(8);
  const { channels, depths } = COLOUR_TYPES[colourType] ?? { channels: 0, depths: [] };
  if (!depths.includes(depth)) throw damaged(where, 'colour type or bit depth');
  if (interlace !== 0) {
    throw new InvalidDataError(`${where}: it is interlaced`, {
      hint: 'Save it again without interlacing.',
    });
  }
  return { shape: [rows, columns], rowBytes: 1 + Math.ceil((columns * channels * depth) / 8) };
}

function damaged(where: string, part: string): InvalidDataError {
  return new InvalidDataError(`${where}: it is damaged: its ${part} is not as it should be`, {
    hint: 'Save it again, or take it out of the folder.',
  });
}
