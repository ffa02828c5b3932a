import { describe, expect, it } from 'vitest';
import { libraryFiles } from '../../cdk/native/library-files.ts';
import { nativeIsInstalled } from '../../lib/backend/choose.ts';
import { clonePaths } from '../../lib/installation/clone.mjs';
import { neededVersions } from './elf.ts';

/** The newest versions of symbols that Amazon Linux 2023 has: glibc 2.34, libstdc++ of GCC 11. */
const NEWEST: Readonly<Record<string, string>> = {
  GLIBC: '2.34',
  GLIBCXX: '3.4.29',
  CXXABI: '1.3.13',
  GCC: '11.0.0',
};

describe.skipIf(!nativeIsInstalled())('the native library', () => {
  it('needs no symbol that Amazon Linux 2023 lacks', async () => {
    const versions = (await libraryFiles()).flatMap(({ source }) => neededVersions(source));
    const needed = versions.flatMap((text) => {
      const [, name = '', version = ''] = /^(GLIBCXX|GLIBC|CXXABI|GCC)_([\d.]+)$/.exec(text) ?? [];
      return name === '' ? [] : [{ text, name, version }];
    });

    expect(new Set(needed.map(({ name }) => name))).toEqual(new Set(Object.keys(NEWEST)));
    const tooNew = needed.filter(({ name, version }) => isAfter(version, NEWEST[name] ?? ''));
    expect(tooNew.map(({ text }) => text)).toEqual([]);
  });
});

describe('packing the native library', () => {
  it.each([
    { platform: 'darwin', arch: 'arm64' },
    { platform: 'linux', arch: 'arm64' },
    { platform: 'win32', arch: 'x64' },
  ] as const)('says on $platform on $arch what else can be done', async (machine) => {
    await expect(libraryFiles(machine, clonePaths())).rejects.toMatchObject({
      message: expect.stringContaining(`this machine is ${machine.platform} on ${machine.arch}`),
      hint: expect.stringMatching(/-c packaging=image.*-c backend=wasm/),
    });
  });
});

/** Whether a version such as 3.4.29 comes after another. */
function isAfter(version: string, other: string): boolean {
  const [a, b] = [version, other].map((text) => text.split('.').map(Number));
  const place = (a ?? []).findIndex((number, i) => number !== (b?.[i] ?? 0));
  return place >= 0 && (a?.[place] ?? 0) > (b?.[place] ?? 0);
}
