import assert from 'node:assert/strict';
import { posix, win32 } from 'node:path';
import fc from 'fast-check';
import { parseDatasetSelector } from '../lib/data/name.ts';
import { UsageError } from '../lib/errors.ts';
import { checkKey, InvalidKeyError } from '../lib/store/store.ts';
import { damaged } from './byte-inputs.ts';
import { type Target, textTarget } from './target.ts';

const KEYS = [
  'runs/20260131-235959-0a1b/head.json',
  'runs/20260131-235959-0a1b/weights/D/7-e3.safetensors',
  `datasets/digits/${'ab'.repeat(32)}/images.u8`,
];
const PARTS = ['..', '.', '', '/', '\\', '//', '/../', '/./', '%2e%2e', '\0', '\n', '~', 'C:', 'a'];
const SELECTORS = ['digits', 'moons@0a1b2c', `moons@${'0a'.repeat(32)}`, 'a-b-0'];

const pathLike = fc
  .array(
    fc.oneof(fc.constantFrom(...PARTS, 'runs', '...', '.tmp', '.locks', '‥', '／'), fc.string()),
  )
  .chain((parts) => fc.constantFrom('/', '', '\\').map((separator) => parts.join(separator)));

const textNear = (valid: readonly string[]) =>
  fc.oneof(
    damaged(valid.map((text) => Buffer.from(text))).map((bytes) => bytes.toString()),
    fc.tuple(fc.constantFrom(...valid), pathLike).map(([text, path]) => text + path),
    pathLike,
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^[a-z0-9._/@-]{0,80}$/),
  );

const LONG = {
  'a long name': () => 'a'.repeat(10_000_000),
  'many folders': () => 'a/'.repeat(5_000_000),
  'many that almost match': () => `${'a/'.repeat(250)}.`,
  'many dots': () => '.'.repeat(10_000_000),
};

const storeKey = textTarget({
  name: 'store-key',
  inputs: textNear(KEYS),
  extremes: LONG,
  refuses: [InvalidKeyError],
  feed: (key) => {
    checkKey(key);
    for (const { resolve, relative, sep } of [posix, win32]) {
      const root = resolve('/store');
      const place = resolve(root, key);
      assert(place.startsWith(root + sep), 'a key leads out of the store');
      assert.equal(relative(root, place).split(sep).join('/'), key, 'two keys are one object');
    }
    // Those are the store's own, and begin with a dot for that reason.
    assert(!key.split('/').some((name) => name.startsWith('.')));
  },
});

const datasetSelector = textTarget({
  name: 'dataset-selector',
  inputs: textNear(SELECTORS),
  extremes: { ...LONG, 'a long checksum': () => `a@${'0'.repeat(10_000_000)}` },
  refuses: [UsageError],
  feed: (text) => {
    const { name, checksumPrefix } = parseDatasetSelector(text);
    assert.equal(checksumPrefix === '' ? name : `${name}@${checksumPrefix}`, text);
    checkKey(`datasets/${name}/${checksumPrefix}x/meta.json`);
  },
});

/** Texts that become paths. */
export const nameTargets: readonly Target[] = [storeKey, datasetSelector];
