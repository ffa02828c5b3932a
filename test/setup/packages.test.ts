import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeJson } from '../../bin/setup/files.mjs';
import {
  findDifference,
  installError,
  type LockedPackage,
  type Lockfile,
  lockDifference,
  type Machine,
  packagesAreNoted,
} from '../../bin/setup/packages.mjs';
import { clonePaths, lockfileHash } from '../../lib/installation/clone.mjs';
import { temporaryDirectory, write } from './harness.ts';

const machine: Machine = { platform: 'linux', arch: 'x64' };
const left = { version: '1.0.0', integrity: 'sha512-a' };
const lock = (packages: Record<string, LockedPackage>): Lockfile => ({
  packages: { '': { version: '0.0.0' }, ...packages },
});

describe('lockDifference', () => {
  test('accepts the same versions and hashes', () => {
    const both = lock({ 'node_modules/left': left });
    expect(lockDifference(both, both, machine)).toBeNull();
  });

  test('sees that nothing is installed', () => {
    expect(lockDifference(lock({}), null, machine)).toContain('nothing is installed');
  });

  test.each([
    ['another version', { ...left, version: '1.0.1' }],
    ['another content under the same version', { ...left, integrity: 'sha512-b' }],
  ])('sees %s', (_, installed) => {
    const wanted = lock({ 'node_modules/left': left });
    expect(lockDifference(wanted, lock({ 'node_modules/left': installed }), machine)).toContain(
      'node_modules/left',
    );
  });

  test('sees a missing package', () => {
    expect(lockDifference(lock({ 'node_modules/left': left }), lock({}), machine)).toContain(
      'missing',
    );
  });

  test('does not miss an optional package of another platform', () => {
    const other = { ...left, optional: true, os: ['darwin'], cpu: ['arm64'] };
    expect(lockDifference(lock({ 'node_modules/other': other }), lock({}), machine)).toBeNull();
  });

  test('misses the optional package of this platform, as after a move between systems', () => {
    const own = { ...left, optional: true, os: ['linux'], cpu: ['x64'] };
    expect(lockDifference(lock({ 'node_modules/own': own }), lock({}), machine)).toContain('own');
  });

  test('lets development packages be missing only where npm leaves them out', () => {
    const wanted = lock({ 'node_modules/tool': { ...left, dev: true } });
    expect(lockDifference(wanted, lock({}), { ...machine, withoutDev: true })).toBeNull();
    expect(lockDifference(wanted, lock({}), machine)).toContain('tool');
  });

  test('lets packages beyond the lockfile be', () => {
    expect(lockDifference(lock({}), lock({ 'node_modules/extra': left }), machine)).toBeNull();
  });
});

describe('a clone', () => {
  function installedClone() {
    const paths = clonePaths(temporaryDirectory());
    writeJson(paths.lockfile, lock({ 'node_modules/left': left }));
    writeJson(paths.installed, lock({ 'node_modules/left': left }));
    mkdirSync(join(paths.modules, 'left'));
    return paths;
  }

  test('that npm ci has filled needs nothing, even without our own note', () => {
    const paths = installedClone();
    expect(packagesAreNoted(paths, lockfileHash(paths))).toBe(false);
    expect(findDifference(paths)).toBeNull();
  });

  test('misses a package whose directory was deleted', () => {
    const paths = installedClone();
    rmSync(join(paths.modules, 'left'), { recursive: true });
    expect(findDifference(paths)).toContain('node_modules/left was deleted');
  });

  test('is taken as unfinished when the record of npm was cut short', () => {
    const paths = installedClone();
    write(paths.installed, '{"packages": {');
    expect(findDifference(paths)).toContain('cut short');
  });

  test('is looked at again when the lockfile changes', () => {
    const paths = installedClone();
    writeJson(paths.packageMarker, { lockfile: lockfileHash(paths) });
    expect(packagesAreNoted(paths, lockfileHash(paths))).toBe(true);
    writeJson(paths.lockfile, lock({}));
    expect(packagesAreNoted(paths, lockfileHash(paths))).toBe(false);
  });

  test('without a lockfile says how to bring it back', () => {
    const paths = clonePaths(temporaryDirectory());
    expect(() => lockfileHash(paths)).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining('git checkout') }),
    );
  });
});

describe('installError', () => {
  test('names a missing npm', () => {
    expect(installError({ code: 127, stopped: null, output: '' }).message).toContain('no npm');
  });

  test('quotes the sentence among the codes of npm', () => {
    const output = 'npm error code ECONNREFUSED\nnpm error errno X\nnpm error request failed';
    expect(installError({ code: 1, stopped: null, output }).message).toContain('request failed');
  });

  test('tells a lockfile out of step from a network that fails', () => {
    const output = 'npm error code EUSAGE\nnpm error not in sync';
    expect(installError({ code: 1, stopped: null, output }).remedy).toContain('npm install');
  });
});
