import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { MANIFEST_FILE, type Manifest } from '../../lib/packed/manifest.ts';
import { sha256 } from '../../lib/wire/checksum.ts';

/** Files as large as a few bytes, by path. */
export const FILES: Readonly<Record<string, Buffer>> = {
  'deps/lib/liba.so.2': Buffer.from('abcdefghij'.repeat(200)),
  'lib/napi-v8/tfjs_binding.node': Buffer.from('0123456789'.repeat(70)),
};

const PIECE = 1000;

/** Make an archive whose pieces are small, in a new folder. */
export function smallArchive(folder: string, files = FILES): string {
  mkdirSync(folder, { recursive: true });
  let next = 0;
  const manifest: Manifest = {
    format: 'lambduel-native-1',
    files: Object.entries(files).map(([path, content]) => ({
      path,
      bytes: content.length,
      pieces: Array.from({ length: Math.ceil(content.length / PIECE) }, (_, i) => {
        const piece = content.subarray(i * PIECE, (i + 1) * PIECE);
        const packed = brotliCompressSync(piece);
        const file = `${next++}.br`;
        writeFileSync(join(folder, file), packed);
        return { file, packedBytes: packed.length, bytes: piece.length, sha256: sha256(piece) };
      }),
    })),
  };
  writeFileSync(join(folder, MANIFEST_FILE), JSON.stringify(manifest));
  return folder;
}
