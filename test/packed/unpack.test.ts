import { execFile, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompressSync } from 'node:zlib';
import { buildSync } from 'esbuild';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { MANIFEST_FILE } from '../../lib/packed/manifest.ts';
import { unpackLibrary } from '../../lib/packed/unpack.ts';
import { testFolders } from '../support/folders.ts';
import { ROOT } from '../support/imports.ts';
import { FILES, smallArchive } from './small-archive.ts';

const run = promisify(execFile);
const newFolder = testFolders();
const FAULT = join(ROOT, 'test', 'packed', 'fault.mjs');
let script: string;
let archive: string;
beforeAll(async () => {
  const folder = await newFolder();
  archive = smallArchive(join(folder, 'archive'));
  script = join(folder, 'unpack-process.mjs');
  buildSync({
    entryPoints: [join(ROOT, 'test', 'packed', 'unpack-process.ts')],
    ...{ outfile: script, bundle: true, platform: 'node', format: 'esm' },
  });
});

/** Unpack in a process of its own. */
async function unpackThere(parent: string, env: Record<string, string> = {}, from = archive) {
  const args = ['--import', FAULT, script, from, parent];
  return run(process.execPath, args, { env: { ...process.env, ...env } }).catch(
    (error: { signal?: string; stderr: string; stdout: string }) => error,
  );
}

/** How many calls of the file system a process makes that unpacks, at which it could fail so. */
async function countCalls(FAULT: 'kill' | 'full'): Promise<number> {
  const { stderr } = await unpackThere(await newFolder(), { FAULT });
  return Number(stderr.trim());
}

function expectWhole(folder: string): void {
  for (const [path, content] of Object.entries(FILES)) {
    expect(readFileSync(join(folder, path)).equals(content)).toBe(true);
  }
}

describe('a packed library', () => {
  it('is unpacked once, and taken as it is from then on', async () => {
    const parent = await newFolder();
    const own = smallArchive(join(await newFolder(), 'archive'));

    const first = await unpackLibrary(own, parent);
    // What is not there cannot be unpacked.
    for (const name of readdirSync(own)) if (name.endsWith('.br')) rmSync(join(own, name));
    const second = await unpackLibrary(own, parent);

    expect(second.folder).toBe(first.folder);
    expectWhole(second.folder);
    expect(readdirSync(parent)).toHaveLength(1);
    expect(statSync(first.folder).mode & 0o777).toBe(0o700);
  });

  it('lies beside another one', async () => {
    const parent = await newFolder();
    const other = smallArchive(join(await newFolder(), 'archive'), {
      'lib/b.so.2': Buffer.from('b'),
    });

    const folders = [await unpackLibrary(archive, parent), await unpackLibrary(other, parent)];

    expect(new Set(folders.map(({ folder }) => folder)).size).toBe(2);
    expect(readFileSync(join(folders[1]?.folder ?? '', 'lib/b.so.2'), 'utf8')).toBe('b');
  });

  it.each([
    [
      'a file is shorter',
      (folder: string) => writeFileSync(join(folder, 'deps/lib/liba.so.2'), 'x'),
    ],
    ['a file is gone', (folder: string) => rmSync(join(folder, 'lib/napi-v8/tfjs_binding.node'))],
    [
      'the machine was started again',
      (folder: string) => {
        const marker = join(folder, 'unpacked.json');
        const text = readFileSync(marker, 'utf8');
        writeFileSync(marker, text.replace(/"boot":"[^"]*"/, '"boot":"before"'));
      },
    ],
  ])('is unpacked again when %s', async (_, change) => {
    const parent = await newFolder();
    const { folder } = await unpackLibrary(archive, parent);
    change(folder);

    expectWhole((await unpackLibrary(archive, parent)).folder);
    expect(readdirSync(parent)).toHaveLength(1);
  });

  it('is not taken from a folder that others can write to', async () => {
    const parent = await newFolder();
    const { folder } = await unpackLibrary(archive, parent);
    chmodSync(folder, 0o777);

    await expect(unpackLibrary(archive, parent)).rejects.toThrow('only this user can write to');
  });
});

describe('unpacking', () => {
  it('heals after a kill at any of its calls of the file system', {
    timeout: 240_000,
  }, async () => {
    const calls = await countCalls('kill');
    expect(calls).toBeGreaterThan(20);
    for (let at = 1; at <= calls; at++) {
      const parent = await newFolder();
      const killed = await unpackThere(parent, { FAULT: 'kill', AT: `${at}` });
      expect(killed).toMatchObject({ signal: 'SIGKILL' });

      const { folder } = await unpackLibrary(archive, parent);

      expectWhole(folder);
      // Who is killed with the lock in its hands leaves a few bytes.
      const left = readdirSync(parent).filter((name) => !/\.lock/.test(name));
      expect(left, `killed at call ${at}`).toEqual([folder.slice(parent.length + 1)]);
    }
  });

  it('happens once for processes that start together', async () => {
    const parent = await newFolder();

    const outcomes = await Promise.all(Array.from({ length: 6 }, () => unpackThere(parent)));

    expect(new Set(outcomes.map(({ stdout }) => stdout)).size).toBe(1);
    expectWhole(outcomes[0]?.stdout ?? '');
    expect(readdirSync(parent)).toHaveLength(1);
  });

  it('removes what dead processes left, and nothing of the living', async () => {
    const parent = await newFolder();
    const { pid: dead } = spawnSync('true');
    const staging = (pid: number) => `lambduel-native-${'0'.repeat(16)}.${pid}-00ff.tmp`;
    for (const pid of [dead, process.pid]) mkdirSync(join(parent, staging(pid)));
    mkdirSync(join(parent, 'of somebody else.tmp'));

    const { folder } = await unpackLibrary(archive, parent);

    expect(readdirSync(parent).sort()).toEqual(
      [staging(process.pid), 'of somebody else.tmp', folder.slice(parent.length + 1)].sort(),
    );
  });

  it('says that the disk is full, in one sentence, and leaves nothing', async () => {
    const calls = await countCalls('full');
    expect(calls).toBeGreaterThan(5);
    for (let at = 1; at <= calls; at++) {
      const parent = await newFolder();
      const { stderr } = await unpackThere(parent, { FAULT: 'full', AT: `${at}` });
      expect(stderr).toContain(
        `The native library needs 1 MB in ${parent}, and it is full. Deploy`,
      );
      expect(readdirSync(parent)).toEqual([]);
    }
  });

  it('is not begun where there is too little room', async ({ skip }) => {
    const parent = await newFolder();
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4096', 'tmpfs', parent]);
    if (mount.status !== 0) skip('this user may not mount');
    try {
      const large = { 'lib/large.so.2': Buffer.alloc(50_000, 'x') };
      const own = smallArchive(join(await newFolder(), 'archive'), large);
      const refused = unpackLibrary(own, parent);
      await expect(refused).rejects.toThrow(/needs 1 MB in \S+, and it (has 0 MB free|is full)$/);
      expect(readdirSync(parent)).toEqual([]);
    } finally {
      spawnSync('umount', [parent]);
    }
  });
});

describe('a damaged archive', () => {
  /** Why an archive is refused that was changed. */
  const refused = async (change: (folder: string) => void) => {
    const own = smallArchive(join(await newFolder(), 'archive'));
    change(own);
    const parent = await newFolder();
    try {
      expectWhole((await unpackLibrary(own, parent)).folder);
      return 'whole';
    } catch (error) {
      expect(readdirSync(parent)).toEqual([]);
      return (error as Error).message;
    }
  };

  it('is refused whichever byte of a piece was changed', async () => {
    const pieces = readdirSync(archive).filter((name) => name.endsWith('.br'));
    const damage = fc.record({ piece: fc.constantFrom(...pieces), at: fc.nat(), bit: fc.nat(7) });
    await fc.assert(
      fc.asyncProperty(damage, async ({ piece, at, bit }) => {
        const message = await refused((folder) => {
          const bytes = readFileSync(join(folder, piece));
          const place = at % bytes.length;
          bytes[place] = (bytes[place] as number) ^ (1 << bit);
          writeFileSync(join(folder, piece), bytes);
        });
        if (message === 'whole') return; // brotli has bits that do not matter
        expect(message).toBe(
          `The packed native library is damaged: ${piece} is not what was packed`,
        );
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['a piece is missing', (folder: string) => rmSync(join(folder, '1.br'))],
    [
      'a piece is another one',
      (folder: string) =>
        writeFileSync(join(folder, '1.br'), brotliCompressSync(Buffer.alloc(500, 'z'))),
    ],
    ['its manifest is missing', (folder: string) => rmSync(join(folder, MANIFEST_FILE))],
    ['its manifest was cut', (folder: string) => writeFileSync(join(folder, MANIFEST_FILE), '{')],
    [
      'its manifest names a file elsewhere',
      (folder: string) => {
        const file = join(folder, MANIFEST_FILE);
        writeFileSync(file, readFileSync(file, 'utf8').replace('deps/lib/liba', '../../liba'));
      },
    ],
  ])('is refused when %s', async (_, change) => {
    expect(await refused(change)).toMatch(/damaged/);
  });
});
