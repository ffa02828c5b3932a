import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { sha256 } from '../wire/checksum.ts';
import { DamagedLibraryError } from './errors.ts';
import type { Manifest, Piece } from './manifest.ts';

const decompress = promisify(brotliDecompress);

/** A piece, and where it goes. */
interface PlacedPiece {
  readonly piece: Piece;
  readonly target: FileHandle;
  readonly offset: number;
}

/**
 * Unpack a library's files into a folder, some pieces at once. Each piece is compared with its size
 * and hash before it is written.
 *
 * @param archive the folder of manifest and pieces
 * @param onPiece called after each piece
 * @throws DamagedLibraryError when a piece is missing or has other bytes
 */
export async function unpackPieces(
  archive: string,
  manifest: Manifest,
  folder: string,
  onPiece: () => Promise<void>,
): Promise<void> {
  const targets: FileHandle[] = [];
  try {
    const waiting: PlacedPiece[] = [];
    for (const { path, bytes, pieces } of manifest.files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      const target = await open(join(folder, path), 'wx', 0o700);
      targets.push(target);
      let offset = 0;
      for (const piece of pieces) {
        waiting.push({ piece, target, offset });
        offset += piece.bytes;
      }
      if (offset !== bytes) throw new DamagedLibraryError(`the pieces of ${path} are not its size`);
    }
    const work = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        await writeWhole(next, await unpackPiece(archive, next.piece));
        await onPiece();
      }
    };
    const finished = await Promise.allSettled(
      Array.from({ length: Math.min(availableParallelism(), 4) }, work),
    );
    for (const each of finished) if (each.status === 'rejected') throw each.reason;
  } finally {
    await Promise.all(targets.map((target) => target.close()));
  }
}

async function unpackPiece(archive: string, piece: Piece): Promise<Uint8Array> {
  const { file, packedBytes, bytes, sha256: expected } = piece;
  try {
    const packed = await readFile(join(archive, file));
    if (packed.length !== packedBytes) throw new Error(`it has ${packed.length} bytes`);
    // One chunk: the result is not joined from parts.
    const unpacked = await decompress(packed, { chunkSize: bytes + 64, maxOutputLength: bytes });
    if (unpacked.length !== bytes) throw new Error(`it unpacks to ${unpacked.length} bytes`);
    if (sha256(unpacked) !== expected) throw new Error('its hash differs');
    return unpacked;
  } catch (cause) {
    throw new DamagedLibraryError(`${file} is not what was packed`, cause);
  }
}

async function writeWhole({ target, offset }: PlacedPiece, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const left = bytes.length - done;
    done += (await target.write(bytes, done, left, offset + done)).bytesWritten;
  }
}
