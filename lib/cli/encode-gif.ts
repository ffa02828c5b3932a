import { loadSharp } from '../data/sharp-library.ts';
import { type ExampleShape, exampleValues } from '../program/example-shape.ts';

/** Milliseconds of a frame. */
const FRAME_MS = 80;

/** Images, back to back in `values`, as the frames of an animation that begins again for ever. */
export async function encodeGif(
  values: Uint8Array,
  [height, width, channels]: ExampleShape,
): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const frames = values.length / exampleValues([height, width, channels]);
  const raw = { width, height: height * frames, pageHeight: height, channels: channels as 1 | 3 };
  return sharp(Buffer.from(values), { raw })
    .gif({ delay: Array.from({ length: frames }, () => FRAME_MS), loop: 0, dither: 0 })
    .toBuffer();
}
