import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InvalidDataError } from '../lib/errors.ts';
import { layOut } from '../lib/numeric/parameter-block.ts';
import { decodeGenerator, encodeGenerator } from '../lib/wire/generator-file.ts';
import { splitParameters } from '../lib/wire/parameters.ts';
import { anyBytes, damaged } from './byte-inputs.ts';
import { bytesTarget, type Target } from './target.ts';

const NUMBERS = Float32Array.of(1, -2, 0.5, 3e-8);
const tensors = splitParameters(layOut([{ name: 'G.w1', shape: [2, 2] }]), NUMBERS);
const statistics = splitParameters(layOut([{ name: 'mean0', shape: [4] }]), NUMBERS);
const FILE = {
  program: { name: 'dcgan', settings: { size: 28 } },
  shape: [28, 28, 1],
  ...{ latent: 64, seed: 3, iteration: 7, runId: '20260131-235959-0a1b' },
  dataset: { name: 'digits', sha256: 'ab'.repeat(32), examples: 10 },
};
const FILES = [
  encodeGenerator({ ...FILE, tensors, statistics: [] }),
  encodeGenerator({ ...FILE, tensors, statistics, score: 12.5 }),
  encodeGenerator({
    ...FILE,
    program: { name: 'mine', settings: {}, sha256: 'ab'.repeat(32) },
    ...{ tensors, statistics: [], bundle: Buffer.from('export default 1') },
  }),
];

const generator = bytesTarget({
  name: 'generator',
  inputs: fc.oneof(
    { weight: 6, arbitrary: damaged(FILES) },
    { weight: 1, arbitrary: anyBytes },
    { weight: 1, arbitrary: fc.constantFrom(...FILES) },
  ),
  extremes: { 'nothing but a length': () => Buffer.alloc(8) },
  refuses: [InvalidDataError],
  feed: (bytes) => {
    const file = decodeGenerator(bytes, 'file');
    if (!file) return;
    assert.equal(file.shape.length, 3);
    assert(Number.isFinite(file.score ?? 0));
    const again = encodeGenerator(file);
    const reread = decodeGenerator(again, 'again');
    assert(reread);
    assert.deepEqual(encodeGenerator(reread), again);
  },
});

/** Files that people hand on. */
export const generatorTargets: readonly Target[] = [generator];
