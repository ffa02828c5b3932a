/** Form of one example: grey images have one channel, colour images three (red, green, blue). */
export type ExampleShape = readonly [height: number, width: number, channels: number];

/** How many numbers one example has. Channels of a pixel lie side by side, rows from the top. */
export function exampleValues([height, width, channels]: ExampleShape): number {
  return height * width * channels;
}

/** A shape for people: `28x28` for grey images, `32x32x3` for colour. */
export function shapeText([height, width, channels]: ExampleShape): string {
  return [height, width, ...(channels === 1 ? [] : [channels])].join('x');
}
