import type { Metadata } from 'sharp';
import { InvalidDataError, messageOf } from '../errors.ts';
import type { ExampleShape } from '../program/example-shape.ts';
import { MAX_SIDE } from './images.ts';
import { loadSharp, type OpenImage } from './sharp-library.ts';

/** Pictures of more pixels are refused before they are decoded. */
export const MAX_PIXELS = 100_000_000;
/**
 * Larger pictures are decoded one at a time: some formats need all of a picture in memory at once.
 */
const LARGE_PIXELS = 16_000_000;
/** How PNG and JPEG files begin. */
const SIGNATURES = ['\x89PNG\r\n\x1a\n', '\xff\xd8\xff'];
const WHITE = '#ffffff';

/** How pictures become images. */
export interface ImageForm {
  /** Rows and columns to crop and scale to. Default: pictures keep their size. */
  readonly size?: number | undefined;
  /** One channel instead of three. */
  readonly grey?: boolean | undefined;
}

/** A picture's pixels, one byte per value. */
export interface DecodedImage {
  readonly values: Uint8Array;
  readonly shape: ExampleShape;
}

/**
 * Decodes PNG, JPEG and WebP files. Images are upright as their EXIF says, in sRGB (CMYK and
 * embedded profiles are converted), with eight bits per value (the upper eight of sixteen) and on
 * white.
 */
export class ImageDecoder {
  readonly #open: OpenImage;
  readonly #form: ImageForm;
  #large: Promise<unknown> = Promise.resolve();

  private constructor(open: OpenImage, form: ImageForm) {
    this.#open = open;
    this.#form = form;
  }

  static async load(form: ImageForm): Promise<ImageDecoder> {
    return new ImageDecoder(await loadSharp(), form);
  }

  /**
   * @param where the file's name, for messages
   * @returns one channel where grey was asked for, otherwise three
   * @throws InvalidDataError whose message begins with `where`
   */
  async decode(where: string, bytes: Buffer): Promise<DecodedImage> {
    checkKind(where, bytes);
    const sides = await this.#checkHeader(where, bytes);
    if (sides.width * sides.height <= LARGE_PIXELS) return this.#decode(where, bytes, sides);
    const decoded = this.#large.then(() => this.#decode(where, bytes, sides));
    this.#large = decoded.catch(() => {}); // whoever waits for it gets the error
    return decoded;
  }

  /** @returns the picture's sides when it is upright */
  async #checkHeader(where: string, bytes: Buffer): Promise<Metadata['autoOrient']> {
    const read = this.#open(bytes, { limitInputPixels: false }).metadata();
    const metadata = await read.catch((cause: unknown) => {
      throw undecodable(where, cause);
    });
    const { width, height, pages = 1 } = metadata;
    if (width * height > MAX_PIXELS) {
      throw new InvalidDataError(`${where}: it has ${height} x ${width} pixels`, {
        hint: `Pictures have at most ${MAX_PIXELS / 1e6} million pixels: scale it down, or take it out.`,
      });
    }
    if (pages > 1) {
      throw new InvalidDataError(`${where}: it is animated, of ${pages} pictures`, {
        hint: 'Save the picture that you want by itself, or take it out.',
      });
    }
    if (this.#form.size === undefined && Math.max(width, height) > MAX_SIDE) {
      throw new InvalidDataError(`${where}: it has ${height} rows and ${width} columns`, {
        hint: `Images have from 1 to ${MAX_SIDE} rows and columns: scale them with --size.`,
      });
    }
    return metadata.autoOrient;
  }

  async #decode(
    where: string,
    bytes: Buffer,
    { width, height }: Metadata['autoOrient'],
  ): Promise<DecodedImage> {
    const { size, grey } = this.#form;
    const picture = this.#open(bytes, { limitInputPixels: MAX_PIXELS, sequentialRead: true });
    picture.autoOrient().flatten({ background: WHITE });
    if (size !== undefined) {
      const side = Math.min(width, height);
      const left = Math.floor((width - side) / 2);
      const top = Math.floor((height - side) / 2);
      picture.extract({ left, top, width: side, height: side }).resize(size, size);
    }
    if (grey) picture.greyscale();
    picture.toColourspace(grey ? 'b-w' : 'srgb').raw({ depth: 'uchar' });
    const decoded = picture.toBuffer({ resolveWithObject: true });
    const { data, info } = await decoded.catch((cause: unknown) => {
      throw undecodable(where, cause);
    });
    return { values: data, shape: [info.height, info.width, info.channels] };
  }
}

/** By its first bytes and not by its name. */
function checkKind(where: string, bytes: Buffer): void {
  const start = bytes.toString('latin1', 0, 12);
  const isWebp = start.startsWith('RIFF') && start.endsWith('WEBP');
  if (isWebp || SIGNATURES.some((signature) => start.startsWith(signature))) return;
  const problem = bytes.length === 0 ? 'it is empty' : 'it is not a PNG, JPEG or WebP file';
  throw new InvalidDataError(`${where}: ${problem}`, {
    hint: 'Convert it to PNG, or take it out of the folder.',
  });
}

function undecodable(where: string, cause: unknown): InvalidDataError {
  const [line = ''] = messageOf(cause).split('\n');
  const problem = line.replace(/^Input (?:buffer|file) /i, '').replace(/[:\s]+$/, '');
  return new InvalidDataError(`${where}: it cannot be decoded: ${problem}`, {
    cause,
    hint: 'Save it again, or take it out of the folder.',
  });
}
