import sharp, { type Sharp } from 'sharp';

export type Rgb = readonly [red: number, green: number, blue: number];

/** A picture without a file format yet, for sharp to write in one. */
export function picture(
  width: number,
  height: number,
  pixel: (row: number, column: number) => readonly number[],
): Sharp {
  const values = Array.from({ length: width * height }, (_, i) =>
    pixel(Math.floor(i / width), i % width),
  );
  const channels = values[0]?.length as 1 | 2 | 3 | 4;
  return sharp(Uint8Array.from(values.flat()), { raw: { width, height, channels } });
}

/** A picture of one colour. */
export function plain(colour: readonly number[], width = 2, height = width): Sharp {
  return picture(width, height, () => colour);
}

/** A WebP file that shows one colour after the other. */
export function animatedWebp(...colours: readonly Rgb[]): Promise<Buffer> {
  const [width, pageHeight] = [2, 2];
  const rows = colours.flatMap((colour) =>
    Array(width * pageHeight)
      .fill(colour)
      .flat(),
  );
  const raw = { width, height: pageHeight * colours.length, channels: 3, pageHeight } as const;
  return sharp(Uint8Array.from(rows), { raw }).webp({ lossless: true, loop: 0 }).toBuffer();
}
