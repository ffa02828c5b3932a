import fc from 'fast-check';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { encodeGrid, encodeImage, gridLayout } from '../../lib/observe/png.ts';
import { exampleValues } from '../../lib/program/example-shape.ts';

const GREYSCALE = 0;
const RGB = 2;

/** A PNG's values by place and channel; pngjs gives four channels, and a grey three times. */
function decode(png: Buffer) {
  const { data, height, width } = PNG.sync.read(png);
  const at = (x: number, y: number, channel = 0) => data[4 * (y * width + x) + channel];
  return { height, width, at };
}

describe('encodeGrid', () => {
  it('keeps every value of every image, grey and in colour', () => {
    const grids = fc
      .tuple(fc.integer({ min: 1, max: 20 }), size(), size(), fc.constantFrom(1, 3))
      .chain(([examples, ...shape]) => {
        const length = examples * exampleValues(shape);
        const pixels = fc.uint8Array({ minLength: length, maxLength: length });
        return pixels.map((values) => ({ examples, shape, pixels: values }));
      });
    fc.assert(
      fc.property(grids, ({ examples, shape, pixels }) => {
        // Act
        const image = decode(encodeGrid(pixels, examples, shape));

        // Assess
        const [height, width, channels] = shape;
        const { origin } = gridLayout(examples, height, width);
        pixels.forEach((value, i) => {
          const pixel = Math.floor(i / channels);
          const place = origin(Math.floor(pixel / (height * width)));
          const row = Math.floor(pixel / width) % height;
          expect(image.at(place.x + (pixel % width), place.y + row, i % channels)).toBe(value);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('lays 64 images out as 8 by 8, with a separator around each', () => {
    const image = decode(encodeGrid(new Uint8Array(64 * 784), 64, [28, 28, 1]));

    expect([image.height, image.width]).toEqual([8 * 28 + 9, 8 * 28 + 9]);
    expect([image.at(0, 0), image.at(29, 5), image.at(5, 232)]).toEqual([56, 56, 56]);
  });

  it.each([
    { channels: 1, colorType: GREYSCALE },
    { channels: 3, colorType: RGB },
  ])('writes $channels 8-bit channels', ({ channels, colorType }) => {
    const header = PNG.sync.read(encodeGrid(new Uint8Array(4 * channels), 4, [1, 1, channels]));

    expect(header).toMatchObject({ depth: 8, colorType });
  });

  it('refuses a number of channels that a PNG cannot have', () => {
    expect(() => encodeGrid(new Uint8Array(8), 4, [1, 1, 2])).toThrow(RangeError);
  });

  it('refuses pixels that are not as many as the images need', () => {
    expect(() => encodeGrid(new Uint8Array(5), 4, [1, 1, 1])).toThrow(RangeError);
  });
});

describe('encodeImage', () => {
  it('keeps every pixel of a 28 by 28 image', () => {
    const pixels = Uint8Array.from({ length: 784 }, (_, i) => (i * 7) % 256);

    const image = decode(encodeImage(pixels, [28, 28, 1]));

    expect([image.height, image.width]).toEqual([28, 28]);
    const decoded = Array.from(pixels, (_, i) => image.at(i % 28, Math.floor(i / 28)));
    expect(decoded).toEqual([...pixels]);
  });
});

function size() {
  return fc.integer({ min: 1, max: 6 });
}
