import { z } from 'zod';
import { InvalidDataError } from '../errors.ts';
import { sha256 } from '../wire/checksum.ts';

/** The folder of a function's code that holds the packed library. */
export const PACKED_FOLDER = 'native';

/** The file in that folder which says what the library consists of. */
export const MANIFEST_FILE = 'manifest.json';

/** tfjs-node's binding in an unpacked library. It finds the shared objects in `../../deps/lib`. */
export const BINDING_FILE = 'lib/napi-v8/tfjs_binding.node';

/**
 * Bytes of a piece before it is compressed. Pieces are compressed and unpacked side by side, and
 * a process holds few of them at once. They take 0.2% more than the library compressed as a whole.
 */
export const PIECE_BYTES = 16 * 2 ** 20;

/** A library that is larger than a function's storage can be is none. */
const MAX_BYTES = 10 * 2 ** 30;

const bytes = z.int().min(1).max(MAX_BYTES);

const pieceSchema = z.strictObject({
  /** Its file beside the manifest, compressed with brotli. */
  file: z.string().regex(/^\d{1,6}\.br$/),
  packedBytes: bytes,
  bytes: bytes.max(PIECE_BYTES),
  /** Of the bytes that it is unpacked to. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const fileSchema = z.strictObject({
  /** Below the folder that the library is unpacked to. */
  path: z.string().regex(/^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*$/),
  bytes,
  /** In their order in the file. */
  pieces: z.array(pieceSchema).min(1).max(1024),
});

export const manifestSchema = z.strictObject({
  format: z.literal('lambduel-native-1'),
  files: z.array(fileSchema).min(1).max(64),
});

/** What a packed library consists of. */
export type Manifest = z.infer<typeof manifestSchema>;
export type PackedFile = Manifest['files'][number];
export type Piece = PackedFile['pieces'][number];

/** A manifest as it was read, with the hash of its text, which names the library. */
export interface NamedManifest extends Manifest {
  readonly id: string;
}

/** @throws InvalidDataError when it is no manifest */
export function parseManifest(text: string): NamedManifest {
  try {
    return { ...manifestSchema.parse(JSON.parse(text)), id: sha256(text) };
  } catch (cause) {
    throw new InvalidDataError(`The native library's ${MANIFEST_FILE} is damaged`, {
      hint: 'Deploy the stack again with `npx cdk deploy`.',
      cause,
    });
  }
}

/** Bytes that the library takes when it is unpacked. */
export function unpackedBytes({ files }: Manifest): number {
  return files.reduce((sum, file) => sum + file.bytes, 0);
}
