import fc from 'fast-check';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { encodeGrid, encodeImage, gridLayout } from '../../lib/observe/png.ts';

const GREYSCALE = 0;

/** Grey values of a PNG; pngjs gives four channels. */
function decode(png: Buffer) {
  const { data, height, width } = PNG.sync.read(png);
  return { height, width, grey: (x: number, y: number) => data[4 * (y * width + x)] };
}

describe('encodeGrid', () => {
  it('keeps every pixel of every image', () => {
    const grids = fc
      .record({ examples: fc.integer({ min: 1, max: 20 }), height: size(), width: size() })
      .chain((shape) => {
        const length = shape.examples * shape.height * shape.width;
        const pixels = fc.uint8Array({ minLength: length, maxLength: length });
        return pixels.map((values) => ({ ...shape, pixels: values }));
      });
    fc.assert(
      fc.property(grids, ({ examples, height, width, pixels }) => {
        // Act
        const image = decode(encodeGrid(pixels, examples, height, width));

        // Assess
        const { origin } = gridLayout(examples, height, width);
        pixels.forEach((value, i) => {
          const place = origin(Math.floor(i / (height * width)));
          const row = Math.floor(i / width) % height;
          expect(image.grey(place.x + (i % width), place.y + row)).toBe(value);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('lays 64 images out as 8 by 8, with a separator around each', () => {
    const image = decode(encodeGrid(new Uint8Array(64 * 784), 64, 28, 28));

    expect([image.height, image.width]).toEqual([8 * 28 + 9, 8 * 28 + 9]);
    expect([image.grey(0, 0), image.grey(29, 5), image.grey(5, 232)]).toEqual([56, 56, 56]);
  });

  it('writes one 8-bit channel', () => {
    const header = PNG.sync.read(encodeGrid(new Uint8Array(4), 4, 1, 1));

    expect(header).toMatchObject({ depth: 8, colorType: GREYSCALE });
  });

  it('refuses pixels that are not as many as the images need', () => {
    expect(() => encodeGrid(new Uint8Array(5), 4, 1, 1)).toThrow(RangeError);
  });
});

describe('encodeImage', () => {
  it('keeps every pixel of a 28 by 28 image', () => {
    const pixels = Uint8Array.from({ length: 784 }, (_, i) => (i * 7) % 256);

    const image = decode(encodeImage(pixels, 28, 28));

    expect([image.height, image.width]).toEqual([28, 28]);
    const decoded = Array.from(pixels, (_, i) => image.grey(i % 28, Math.floor(i / 28)));
    expect(decoded).toEqual([...pixels]);
  });
});

function size() {
  return fc.integer({ min: 1, max: 6 });
}
