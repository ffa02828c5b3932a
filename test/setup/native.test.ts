import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { writeJson } from '../../bin/setup/files.mjs';
import { nativeIsSettled, wasmNotice } from '../../bin/setup/native.mjs';
import {
  BINDING,
  fillStore,
  hasBinding,
  publishStore,
  storeManifest,
} from '../../bin/setup/native-store.mjs';
import { clonePaths, lockfileHash, readJson } from '../../lib/installation/clone.mjs';
import {
  nativeIsInPlace,
  nativeStatus,
  remedyFor,
  rememberedNative,
} from '../../lib/installation/native-status.mjs';
import { temporaryDirectory, write } from './harness.ts';

let paths: ReturnType<typeof clonePaths>;

beforeEach(() => {
  paths = clonePaths(temporaryDirectory());
  write(paths.lockfile, '{}');
});

function build(): string {
  const built = join(paths.temp, 'built');
  write(join(built, 'deps', 'lib', 'libtensorflow.so'), 'library');
  write(join(built, 'deps', 'include', 'header.h'), 'header');
  write(join(built, BINDING), 'binding');
  return built;
}

function remember(native: object): void {
  writeJson(paths.nativeMarker, {
    lockfile: lockfileHash(paths),
    node: process.version,
    native,
  });
}

const failed = { available: false, how: null, reason: 'no compiler', remedy: 'install one' };
const worked = { available: true, how: 'wheel', reason: null, remedy: null };

describe('the store', () => {
  test('takes the library and the binding, not the headers', () => {
    fillStore(paths, build(), 'wheel');

    const manifest = storeManifest(paths);
    expect(manifest?.how).toBe('wheel');
    expect(Object.keys(manifest?.files ?? {}).sort()).toEqual(
      [join('deps', 'lib', 'libtensorflow.so'), BINDING].sort(),
    );
  });

  test('without its manifest counts as unfinished', () => {
    fillStore(paths, build(), 'wheel');
    rmSync(join(paths.store, 'manifest.json'));
    expect(storeManifest(paths)).toBeNull();
  });

  test('with a truncated library counts as unfinished', () => {
    fillStore(paths, build(), 'wheel');
    rmSync(join(paths.store, 'deps', 'lib', 'libtensorflow.so'));
    write(join(paths.store, 'deps', 'lib', 'libtensorflow.so'), 'lib');
    expect(storeManifest(paths)).toBeNull();
  });

  test('survives npm ci, which deletes node_modules, and is linked again', () => {
    fillStore(paths, build(), 'wheel');
    publishStore(paths);
    rmSync(paths.modules, { recursive: true });
    expect(nativeIsInPlace(paths)).toBe(false);

    publishStore(paths);

    expect(nativeIsInPlace(paths)).toBe(true);
    expect(hasBinding(paths)).toBe(true);
  });

  test('is found missing from the package when one file of it was cut short', () => {
    fillStore(paths, build(), 'wheel');
    publishStore(paths);
    rmSync(join(paths.tfjs, BINDING));
    write(join(paths.tfjs, BINDING), 'bin');
    expect(nativeIsInPlace(paths)).toBe(false);
  });
});

describe('a remembered attempt', () => {
  const settled = (env = {}) => nativeIsSettled(paths, lockfileHash(paths), env);

  test('that failed is not made again at each start', () => {
    remember(failed);
    expect(settled()).toBe(true);
  });

  test('is made again when the lockfile changes', () => {
    remember(failed);
    write(paths.lockfile, '{"packages": {}}');
    expect(settled()).toBe(false);
  });

  test('is made again with another Node', () => {
    remember(failed);
    const marker = readJson(paths.nativeMarker) as object;
    writeJson(paths.nativeMarker, { ...marker, node: 'v20.15.0-other' });
    expect(rememberedNative(paths, lockfileHash(paths))).toBeNull();
  });

  test('that worked is not believed when the files are gone', () => {
    remember(worked);
    expect(settled()).toBe(false);
    fillStore(paths, build(), 'wheel');
    publishStore(paths);
    expect(settled()).toBe(true);
  });

  test('is not needed when WebAssembly was asked for', () => {
    expect(settled()).toBe(false);
    expect(settled({ LAMBDUEL_BACKEND: 'wasm' })).toBe(true);
  });
});

describe('nativeStatus', () => {
  test('says before any set-up what to run', () => {
    expect(nativeStatus(paths, {})).toMatchObject({
      available: false,
      remedy: expect.stringContaining('node bin/setup.mjs'),
    });
  });

  test('gives the remembered reason and remedy', () => {
    remember(failed);
    expect(nativeStatus(paths, {})).toEqual(failed);
  });

  test('is available when the files are in place, unless WebAssembly was asked for', () => {
    remember(worked);
    fillStore(paths, build(), 'wheel');
    publishStore(paths);
    expect(nativeStatus(paths, {})).toEqual(worked);
    expect(nativeStatus(paths, { LAMBDUEL_BACKEND: 'wasm' }).available).toBe(false);
  });
});

describe('what is said about WebAssembly', () => {
  test.each([
    'platform',
    'python',
    'pip',
    'compiler',
    'download',
    'disk',
    'build',
    'load',
  ] as const)('the remedy for %s ends in the command that tries again', (kind) => {
    expect(remedyFor(kind)).toContain('node bin/setup.mjs --retry');
  });

  test('names the cost, the reason and the way out', () => {
    const notice = wasmNotice({ reason: 'no compiler', remedy: remedyFor('compiler') });
    expect(notice).toContain('7 times slower (392 ms against 57 ms');
    expect(notice).toContain('Why: no compiler');
    expect(notice).toContain('apt-get install g++');
  });
});
