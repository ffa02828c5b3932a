import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../lib/backend/backend.ts';
import { loadBackend } from '../../lib/backend/load.ts';
import { bundleProgram } from '../../lib/bundle/bundle-program.ts';
import { messageOf } from '../../lib/errors.ts';
import { programsWith } from '../../lib/run/programs/program-library.ts';
import { tryProgram } from '../../lib/run/programs/try-program.ts';
import { testFolders } from '../support/folders.ts';
import { ROOT } from '../support/imports.ts';

const newFolder = testFolders();
let folder: string;
let good: string;
let backend: Backend;
beforeAll(async () => {
  folder = await newFolder();
  good = await readFile(join(ROOT, 'support/program-file.ts'), 'utf8');
  backend = await loadBackend('wasm', 1);
});

let files = 0;

/** What is wrong with a program of this text: a sentence, or nothing. */
async function problemsOf(text: string, settings: Record<string, unknown> = {}): Promise<string> {
  const path = join(folder, `${files++}-gan.ts`);
  await writeFile(path, text);
  try {
    const bundle = await bundleProgram(path);
    const programs = programsWith(bundle);
    const { sha256 } = bundle;
    const reference = await programs.adapt({ name: '', settings, sha256 }, undefined);
    const program = await programs.load(reference);
    const trial = { batch: 16, shards: 1, seed: 0, gradients: 'eager' } as const;
    const before = backend.tf.memory().numTensors;
    const { problems } = await tryProgram(backend, program, trial, async () => {});
    if (problems.length === 0) expect(backend.tf.memory().numTensors).toBe(before);
    return problems.join('; ');
  } catch (error) {
    return messageOf(error);
  }
}

const replaced = (part: string, by: string) => (text: string) => text.replace(part, by);

it('is fine as it is, and in JavaScript without types', async () => {
  expect(await problemsOf(good)).toBe('');
});

describe('what is wrong with a program file is said in a sentence:', () => {
  const LOSS = 'nonSaturating.generator(tf, onFake)';
  it.each<[string, (text: string) => string, string | RegExp]>([
    ['nothing is exported by default', () => 'export const a = 1;', 'exports nothing by default'],
    ['something else is', () => 'export default 3;', 'is not a program'],
    [
      'an object of another kind is',
      () => 'export default { create: 1 };',
      'is not made by defineProgram',
    ],
    ['a name for a path', replaced("'small-gan'", "'../small'"), 'name must be lower-case letters'],
    ['an error at import', (text) => `${text}\nmissing();`, /gan\.ts:\d+:1: missing is not def/],
    ['an error in create', replaced('latent,\n', 'latent: oops,\n'), /gan\.ts:32:13: oops/],
    [
      'layers that do not fit',
      replaced("network('D', PIXELS,", "network('D', 700,"),
      /gan\.ts:\d+:\d+: .*inner shapes/i,
    ],
    [
      'a loss of many numbers',
      replaced(LOSS, 'onFake as never'),
      'The loss of phase G must be a single number (a scalar), but is of shape [16,1]',
    ],
    [
      'a loss of nothing',
      replaced(LOSS, 'undefined as never'),
      'must be a tensor, a single number (a scalar), but there is none',
    ],
    [
      'a loss without its network',
      replaced(LOSS, 'tf.mean(noise)'),
      'does not depend on network G',
    ],
    [
      'NaN in the first step',
      replaced(LOSS, 'tf.log(tf.sub(-1, tf.mean(tf.square(onFake))))'),
      'gCost of phase G is NaN in the first step',
    ],
    [
      'random numbers',
      replaced('perceptron(tf, D, real)', 'tf.mul(perceptron(tf, D, real), Math.random())'),
      'another gradient for the same inputs',
    ],
    ['a missing statistic', replaced(', tf.max(fakes)', ''), 'must return 2 statistics'],
    [
      'a statistic of many numbers',
      replaced('tf.max(fakes)', 'fakes as never'),
      'Statistic maxPixel of the loss of phase G must be a single number',
    ],
    [
      'images out of range',
      replaced('return tf.sigmoid(perceptron', 'return tf.mul(2, perceptron'),
      'images have values from 0 to 1',
    ],
    [
      'images of another shape',
      replaced(
        'generate: images',
        'generate: (tf, g, z) => tf.slice(images(tf, g, z), [0, 0], [-1, 9])',
      ),
      'Generate must be of shape [4,784]',
    ],
    ['a network that is not there', replaced("network('G'", "network('H'"), 'it has no network G'],
    ['a network twice', replaced("network('G'", "network('D'"), 'two networks with the name D'],
    [
      "a network of a file's own name",
      replaced("network('G'", "network('statistics'"),
      'is reserved',
    ],
    [
      'a shape that is none',
      replaced('[inputs, hidden]', '[inputs, -1]'),
      /networks\[0\]\.tensors\[0\]\.shape/,
    ],
    [
      'TensorFlow.js of its own',
      (text) => `import * as tfjs from '@tensorflow/tfjs-core'; console.log(tfjs);\n${text}`,
      /gan\.ts:1:\d+: @tensorflow\/tfjs-core cannot be imported/,
    ],
    [
      'a package that is not there',
      (text) => `import 'nowhere-at-all';\n${text}`,
      /gan\.ts:1:8: Could not resolve "nowhere-at-all"/,
    ],
    [
      'too much',
      (text) => `${text}\nconsole.log('${'x'.repeat(5 * 2 ** 20)}');`,
      /is 5\.\d MB with all that it imports, and a program may have 5/,
    ],
  ])('%s', async (_what, change, message) => {
    const text = change(good);
    expect(text).not.toBe(good);
    expect(await problemsOf(text)).toMatch(message);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['that there is not', { hiden: 3 }, 'Program small-gan has no setting hiden'],
    [
      'of another type',
      { slow: 'yes' },
      'Setting slow of program small-gan must be true or false, not "yes"',
    ],
    [
      'that is no number',
      { hidden: 'many' },
      'Setting hidden of program small-gan must be a number, not "many"',
    ],
    ['that is not finite', { hidden: 'Infinity' }, 'must be a number'],
    ['that has no value', { hidden: '' }, 'must be a number'],
    ['of an object', { __proto__: { hidden: 3 }, note: {} }, 'must be a text'],
  ])('a setting %s', async (_what, settings, message) => {
    expect(await problemsOf(good, settings)).toContain(message);
  });

  it('a setting is read as the type of its default', async () => {
    const shown = good.replace(
      'create: ({',
      'create: (all) => { throw new Error(JSON.stringify(all)); },\n  other: ({',
    );
    const settings = { hidden: '3', slow: 'true', note: '7' };
    expect(await problemsOf(shown, settings)).toContain(
      '{"hidden":3,"latent":6,"slow":true,"note":"7"}',
    );
  });
});
