import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { PACKED_FOLDER, unpackedBytes } from '../../lib/packed/manifest.ts';
import { nativeArchive } from './archive.ts';
import { bundleTfjsNode } from './tfjs-node.ts';

/** The native library, as it is added to a function's folder. */
export interface NativeLibrary {
  /** Bytes that it takes in `/tmp`. */
  readonly unpackedBytes: number;
  addTo(folder: string): void;
}

/** Pack the native library of this clone, unless it is packed already. */
export async function nativeLibrary(): Promise<NativeLibrary> {
  const { folder: archive, manifest } = await nativeArchive();
  return {
    unpackedBytes: unpackedBytes(manifest),
    addTo: (folder) => {
      cpSync(archive, join(folder, PACKED_FOLDER), { recursive: true });
      bundleTfjsNode(folder);
    },
  };
}
