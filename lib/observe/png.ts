import { PNG } from 'pngjs';

/** Pixels between the images of a grid, and around them. */
const SEPARATOR = 1;
/** Dark enough to be calm, light enough to tell black images apart. */
const SEPARATOR_GREY = 56;

const GREYSCALE = 0;

/** Where a grid's images are: as near to a square as their number allows. */
export interface GridLayout {
  readonly columns: number;
  readonly rows: number;
  readonly width: number;
  readonly height: number;
  /** The place of an image's first pixel. */
  readonly origin: (example: number) => { readonly x: number; readonly y: number };
}

/** The layout of a grid of so many images of this size. */
export function gridLayout(examples: number, height: number, width: number): GridLayout {
  const columns = Math.ceil(Math.sqrt(examples));
  const rows = Math.ceil(examples / columns);
  const at = (cell: number, size: number) => SEPARATOR + cell * (size + SEPARATOR);
  return {
    columns,
    rows,
    width: at(columns, width),
    height: at(rows, height),
    origin: (example) => ({
      x: at(example % columns, width),
      y: at(Math.floor(example / columns), height),
    }),
  };
}

/**
 * Grey images, back to back in `pixels`, as one 8-bit greyscale PNG. Nothing is scaled: every image
 * can be cut out of it again exactly.
 */
export function encodeGrid(
  pixels: Uint8Array,
  examples: number,
  height: number,
  width: number,
): Buffer {
  checkSize(pixels, examples * height * width);
  const layout = gridLayout(examples, height, width);
  const canvas = Buffer.alloc(layout.width * layout.height, SEPARATOR_GREY);
  for (let example = 0; example < examples; example++) {
    const { x, y } = layout.origin(example);
    for (let row = 0; row < height; row++) {
      const start = (example * height + row) * width;
      canvas.set(pixels.subarray(start, start + width), (y + row) * layout.width + x);
    }
  }
  return encode(canvas, layout.height, layout.width);
}

/** One grey image as an 8-bit greyscale PNG. */
export function encodeImage(pixels: Uint8Array, height: number, width: number): Buffer {
  checkSize(pixels, height * width);
  return encode(Buffer.from(pixels), height, width);
}

function encode(data: Buffer, height: number, width: number): Buffer {
  const png = new PNG({ width, height });
  png.data = data;
  return PNG.sync.write(png, {
    colorType: GREYSCALE,
    inputColorType: GREYSCALE,
    inputHasAlpha: false,
    bitDepth: 8,
  });
}

function checkSize(pixels: Uint8Array, expected: number): void {
  if (pixels.length === expected) return;
  throw new RangeError(`${pixels.length} pixels where ${expected} are needed`);
}
