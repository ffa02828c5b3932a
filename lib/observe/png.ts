import { PNG } from 'pngjs';
import { type ExampleShape, exampleValues } from '../program/example-shape.ts';

/** Pixels between the images of a grid, and around them. */
const SEPARATOR = 1;
/** Dark enough to be calm, light enough to tell black images apart. */
const SEPARATOR_GREY = 56;

/** PNG's colour types, by the number of channels. */
const COLOR_TYPES: Readonly<Record<number, 0 | 2>> = { 1: 0, 3: 2 };

/** Where a grid's images are. The grid is as near to a square as their number allows. */
export interface GridLayout {
  readonly columns: number;
  readonly rows: number;
  readonly width: number;
  readonly height: number;
  /** The place of an image's first pixel. */
  readonly origin: (example: number) => { readonly x: number; readonly y: number };
}

/** The layout of a grid of this many images of this size. @param columns default: as many as rows */
export function gridLayout(
  examples: number,
  height: number,
  width: number,
  columns = Math.ceil(Math.sqrt(examples)),
): GridLayout {
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
 * Images, back to back in `values`, as one 8-bit PNG: greyscale for one channel, RGB for three.
 * Nothing is scaled: every image can be cut out of it again exactly.
 */
export function encodeGrid(
  values: Uint8Array,
  examples: number,
  shape: ExampleShape,
  columns?: number,
): Buffer {
  checkSize(values, examples * exampleValues(shape));
  const [height, width, channels] = shape;
  const layout = gridLayout(examples, height, width, columns);
  const canvas = Buffer.alloc(layout.width * layout.height * channels, SEPARATOR_GREY);
  const rowValues = width * channels;
  for (let example = 0; example < examples; example++) {
    const { x, y } = layout.origin(example);
    for (let row = 0; row < height; row++) {
      const start = (example * height + row) * rowValues;
      const place = ((y + row) * layout.width + x) * channels;
      canvas.set(values.subarray(start, start + rowValues), place);
    }
  }
  return encode(canvas, [layout.height, layout.width, channels]);
}

/** One image as an 8-bit PNG: greyscale for one channel, RGB for three. */
export function encodeImage(values: Uint8Array, shape: ExampleShape): Buffer {
  checkSize(values, exampleValues(shape));
  return encode(Buffer.from(values), shape);
}

function encode(data: Buffer, [height, width, channels]: ExampleShape): Buffer {
  const colorType = COLOR_TYPES[channels];
  if (colorType === undefined) throw new RangeError(`A PNG has no ${channels} channels`);
  const png = new PNG({ width, height });
  png.data = data;
  return PNG.sync.write(png, {
    colorType,
    inputColorType: colorType,
    inputHasAlpha: false,
    bitDepth: 8,
  });
}

function checkSize(values: Uint8Array, expected: number): void {
  if (values.length === expected) return;
  throw new RangeError(`${values.length} values where ${expected} are needed`);
}
