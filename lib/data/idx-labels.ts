import { InvalidDataError } from '../errors.ts';
import { readIdxStream } from './idx-stream.ts';

/** Bytes before the first label: the magic number and how many there are. */
const HEADER_BYTES = 8;
const MAGIC = 0x00000801;
const IMAGES_MAGIC = 0x00000803;

/**
 * Read an IDX file of labels, one byte each, plain or gzipped. Only as many are kept as there are
 * images.
 *
 * @param examples how many images there are to be labelled
 * @throws InvalidDataError that says what is wrong; the file system's own errors
 */
export async function readIdxLabels(path: string, examples: number): Promise<Uint8Array> {
  return readIdxStream(path, async ({ where, chunks }) => {
    const wanted = HEADER_BYTES + examples;
    const bytes = Buffer.alloc(wanted);
    let length = 0;
    for await (const chunk of chunks) {
      bytes.set(chunk.subarray(0, wanted - Math.min(length, wanted)), Math.min(length, wanted));
      length += chunk.length;
      if (length >= HEADER_BYTES) checkHeader(where, bytes, examples);
      if (length > wanted) break;
    }
    if (length < HEADER_BYTES) throw notLabels(where, 'it is too short to be an IDX file');
    if (length !== wanted) {
      const problem = length < wanted ? `ends after ${length - HEADER_BYTES} of` : 'goes on after';
      throw new InvalidDataError(`${where}: it ${problem} the ${examples} labels it announces`, {
        hint: 'The file is damaged: get it again.',
      });
    }
    return bytes.subarray(HEADER_BYTES);
  });
}

function checkHeader(where: string, bytes: Buffer, examples: number): void {
  const magic = bytes.readUInt32BE(0);
  if (magic === IMAGES_MAGIC) throw notLabels(where, 'this is an images file');
  if (magic !== MAGIC) {
    const start = bytes.toString('hex', 0, 4);
    throw notLabels(where, `it is not an IDX file of labels, for it begins with ${start}`);
  }
  const labels = bytes.readUInt32BE(4);
  if (labels === examples) return;
  throw new InvalidDataError(`${where}: it has ${labels} labels for ${examples} images`, {
    hint: 'Give the labels of these very images, one each, in their order.',
  });
}

function notLabels(where: string, problem: string): InvalidDataError {
  return new InvalidDataError(`${where}: ${problem}`, {
    hint: 'Give a file of labels as MNIST has them: train-labels-idx1-ubyte, plain or gzipped.',
  });
}
