import { readFile, writeFile } from 'node:fs/promises';
import { PNG } from 'pngjs';
import { ringPoint } from './ring.ts';

/** Draw generated points over real ones: `node --import tsx scatter.ts POINTS.npy PICTURE.png`. */
const [pointsFile = 'points.npy', pictureFile = 'points.png'] = process.argv.slice(2);

const SIDE = 360;
const REAL = [190, 190, 190] as const;
const GENERATED = [200, 60, 20] as const;

const generated = readPoints(await readFile(pointsFile));
const picture = new PNG({ width: SIDE, height: SIDE });
picture.data.fill(255);
for (let i = 0; i < generated.length; i++) dot(ringPoint(i), REAL);
for (const point of generated) dot(point, GENERATED);
await writeFile(pictureFile, PNG.sync.write(picture, { colorType: 2 }));

/** The rows of a `.npy` file of float32: after its header, whose length is at byte 8, come the values. */
function readPoints(file: Buffer): (readonly [x: number, y: number])[] {
  const start = 10 + file.readUInt16LE(8);
  const rows = (file.length - start) / 8;
  return Array.from({ length: rows }, (_, i) => [
    file.readFloatLE(start + 8 * i),
    file.readFloatLE(start + 8 * i + 4),
  ]);
}

/** Two by two pixels; y goes upwards. */
function dot([x, y]: readonly [x: number, y: number], color: readonly number[]): void {
  const column = Math.min(SIDE - 2, Math.max(0, Math.round(x * SIDE)));
  const row = Math.min(SIDE - 2, Math.max(0, Math.round((1 - y) * SIDE)));
  for (const offset of [0, 1, SIDE, SIDE + 1]) {
    picture.data.set(color, 4 * (row * SIDE + column + offset));
  }
}
