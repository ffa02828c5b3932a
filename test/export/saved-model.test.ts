import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import type { Program } from '../../lib/program/program.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { runHere } from '../cli/here.ts';
import { testFolders } from '../support/folders.ts';
import { COUNT, generated, inputsOf, largestDifference } from './drawn.ts';
import { PYTHON, pythonHas } from './python-module.ts';
import { smallDcgan, storeFinishedRun } from './trained.ts';

const run = promisify(execFile);
const folder = testFolders();
const SCRIPT = fileURLToPath(new URL('./draw-saved-model.py', import.meta.url));
const { SavedModel } = createRequire(import.meta.url)('@tensorflow/tfjs-node/dist/proto/api_pb.js');
let [root, out, id] = ['', '', ''];
let program: Program;

beforeAll(async () => {
  [root, out] = [await folder(), await folder()];
  const reference = smallDcgan({ conditional: true });
  ({ id, program } = await storeFinishedRun(await DiskStore.open(root), reference));
  const { code, stderr } = await runHere(['export', id, '--savedmodel', out, '--store', root]);
  expect(code, stderr).toBe(0);
});

test('a SavedModel has its graph, whole, and the signature that tools use', async () => {
  expect(await readdir(out)).toEqual(['saved_model.pb']);
  const model = SavedModel.deserializeBinary(await readFile(join(out, 'saved_model.pb')));
  const [metaGraph] = model.toObject().metaGraphsList;
  expect(metaGraph.metaInfoDef.tagsList).toEqual(['serve']);
  const [[name, { inputsMap, outputsMap }]] = metaGraph.signatureDefMap;
  const sizes = (map: [string, { tensorShape: { dimList: { size: number }[] } }][]) =>
    Object.fromEntries(
      map.map(([key, info]) => [key, info.tensorShape.dimList.map(({ size }) => size)]),
    );
  expect([name, sizes(inputsMap), sizes(outputsMap)]).toEqual([
    'serving_default',
    { noise: [-1, 64], labels: [-1, 10] },
    { images: [-1, 28, 28, 1] },
  ]);
  const nodes: { name: string; inputList: string[] }[] = metaGraph.graphDef.nodeList;
  const names = new Set(nodes.map((node) => node.name));
  expect(names.size).toBe(nodes.length);
  expect(nodes.flatMap(({ inputList }) => inputList).filter((each) => !names.has(each))).toEqual(
    [],
  );
});

test.skipIf(!pythonHas('tensorflow'))("Python's TensorFlow draws the same images", async () => {
  const inputs = join(root, 'inputs.json');
  await writeFile(inputs, JSON.stringify(inputsOf(program)));
  const { stdout } = await run(PYTHON, [SCRIPT, out, inputs], { maxBuffer: 1 << 26 });
  const { shape, values } = JSON.parse(stdout);
  expect(shape).toEqual([COUNT, ...program.exampleShape]);
  const images = await generated(id, root, join(root, 'images.npy'));
  expect(largestDifference(values, images)).toBeLessThan(1e-5);
});
