import { writeFile } from 'node:fs/promises';
import { MODES, ringPoint } from './ring.ts';

/** Write points as a dataset: `node --import tsx make-points.ts POINTS LABELS`, two IDX files. */
const [pointsFile = 'ring-images-idx3-ubyte', labelsFile = 'ring-labels-idx1-ubyte'] =
  process.argv.slice(2);
const COUNT = 10_000;

const indices = Array.from({ length: COUNT }, (_, i) => i);
const points = indices.flatMap((i) => ringPoint(i).map((value) => Math.round(255 * value)));
await writeFile(pointsFile, idx([COUNT, 1, 2], points));
await writeFile(
  labelsFile,
  idx(
    [COUNT],
    indices.map((i) => i % MODES),
  ),
);

/** An IDX file of bytes, as MNIST has them: type 8, the number of sizes, the sizes, the values. */
function idx(sizes: readonly number[], values: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.set([0, 0, 8, sizes.length]);
  sizes.forEach((size, i) => {
    header.writeUInt32BE(size, 4 + 4 * i);
  });
  return Buffer.concat([header, Uint8Array.from(values)]);
}
