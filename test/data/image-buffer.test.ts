import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ImageBuffer } from '../../lib/data/image-buffer.ts';
import { InvalidDataError } from '../../lib/errors.ts';

it('holds grey images in one channel until one is in colour, and then all in three', () => {
  const value = fc.nat(255);
  const pixel = fc.oneof(
    value.map((grey) => [grey, grey, grey]),
    fc.tuple(value, value, value),
  );
  const image = fc.array(pixel, { minLength: 2, maxLength: 2 });
  fc.assert(
    fc.property(fc.array(image, { minLength: 1, maxLength: 6 }), fc.nat(3), (images, spare) => {
      const buffer = new ImageBuffer(images.length + spare);
      for (const [i, pixels] of images.entries()) {
        buffer.add(`${i}`, { values: Uint8Array.from(pixels.flat()), shape: [1, 2, 3] });
      }

      const { images: held, examples, shape } = buffer.finish('folder');

      const pixels = images.flat();
      const isGrey = pixels.every(([red, green, blue]) => red === green && red === blue);
      expect({ examples, shape }).toEqual({
        examples: images.length,
        shape: [1, 2, isGrey ? 1 : 3],
      });
      expect(Array.from(held)).toEqual(isGrey ? pixels.map(([red]) => red) : pixels.flat());
    }),
  );
});

it('refuses more than can be kept in memory when it sees the first image', () => {
  const shape = [4096, 4096, 1] as const;
  const image = { values: new Uint8Array(2 ** 24), shape };

  expect(() => new ImageBuffer(65).add('a.png', image)).toThrow(InvalidDataError);
  expect(() => new ImageBuffer(65).add('a.png', image)).toThrow(/^a\.png: .*too many to keep/);
});

it('refuses colour that makes too much of what could be kept in grey', () => {
  const side = 4096;
  const buffer = new ImageBuffer(40);
  const colour = new Uint8Array(3 * side * side).fill(1);
  buffer.add('grey.png', { values: colour, shape: [side, side, 3] });
  colour[0] = 9;

  const adding = () => buffer.add('colour.png', { values: colour, shape: [side, side, 3] });

  expect(adding).toThrow(/^colour\.png: .*too many to keep/);
});
