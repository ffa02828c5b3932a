import { execFileSync } from 'node:child_process';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DatasetCache } from '../../lib/data/dataset.ts';
import { importDataset } from '../../lib/data/import.ts';
import { findDataset, listDatasets } from '../../lib/data/list.ts';
import { InvalidDataError, LambduelError, UsageError } from '../../lib/errors.ts';
import { idxFile } from '../../support/idx-file.ts';
import { grey, pngFile } from '../../support/png-file.ts';
import { testFolders } from './folder.ts';

const folders = testFolders();
const IDX = idxFile({ sizes: [3, 1, 2], data: Uint8Array.of(0, 51, 102, 153, 204, 255) });

async function fileOf(bytes: Uint8Array, name = 'moons-images.gz'): Promise<string> {
  const path = join(await folders.folder(), name);
  await writeFile(path, bytes);
  return path;
}

describe('importDataset', () => {
  it('makes a dataset of an IDX file, which a worker can then gather from', async () => {
    const store = await folders.store();

    const { meta } = await importDataset(store, await fileOf(gzipSync(IDX)), { name: 'moons' });

    expect(meta).toMatchObject({ name: 'moons', examples: 3, shape: [1, 2, 1] });
    expect(meta.source).toBe('IDX file moons-images.gz');
    const dataset = await new DatasetCache(store).load(await findDataset(store, 'moons'));
    const expected = Float32Array.of(0.8, 1, 0, 0.2);
    expect(dataset.gather(Uint32Array.of(2, 0))).toEqual(expected);
  });

  it('makes the same dataset of a folder of PNG files with the same images', async () => {
    const store = await folders.store();
    const folder = join(await folders.folder(), 'moons');
    await mkdir(folder);
    for (let i = 0; i < 3; i++) {
      const file = pngFile(2, 1, (_, column) => grey(51 * (2 * i + column)));
      await writeFile(join(folder, `${i}.png`), file);
    }
    await writeFile(join(folder, 'README'), 'about');

    const { meta, others } = await importDataset(store, `${folder}/`, { name: 'moons' });
    const again = await importDataset(store, await fileOf(IDX), { name: 'moons' });

    expect(meta.source).toBe('pictures of the folder moons; other files ignored: 1');
    expect(others).toEqual(['README']);
    expect(again.meta).toEqual(meta);
  });

  it('tells how far it is', async () => {
    const progress: [number, number][] = [];

    await importDataset(await folders.store(), await fileOf(IDX), {
      name: 'moons',
      onProgress: (...told) => progress.push(told),
      onPacking: (bytes) => progress.push([bytes, bytes]),
    });

    expect(progress.slice(-2)).toEqual([
      [3, 3],
      [6, 6],
    ]);
  });

  it('writes nothing when the file is not what it should be', async () => {
    const store = await folders.store();
    const path = await fileOf(IDX.subarray(0, -1), 'cut');

    const importing = importDataset(store, path, { name: 'moons' });

    await expect(importing).rejects.toBeInstanceOf(InvalidDataError);
    await expect(importing).rejects.toThrow(/^cut: it is too short/);
    expect(await store.list('')).toEqual([]);
  });

  it.each(['missing', 'file/below', 'x'.repeat(300)])(
    'says that there is nothing at a path as %.9s',
    async (name) => {
      const folder = await folders.folder();
      await writeFile(join(folder, 'file'), '');

      const importing = importDataset(await folders.store(), join(folder, name), { name: 'moons' });

      await expect(importing).rejects.toBeInstanceOf(UsageError);
      await expect(importing).rejects.toThrow(/^There is no file or folder /);
    },
  );

  it('refuses what is neither a file nor a folder, without waiting for it', async () => {
    const pipe = join(await folders.folder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const folder = await folders.folder();
    await symlink(pipe, join(folder, 'a.png'));
    const store = await folders.store();

    await expect(importDataset(store, pipe, { name: 'moons' })).rejects.toThrow(
      /neither a file nor/,
    );
    await expect(importDataset(store, folder, { name: 'moons' })).rejects.toThrow(
      'a.png: it is not a file',
    );
  });

  it('names the image that cannot be read when a link in the folder leads nowhere', async () => {
    const folder = await folders.folder();
    await symlink(join(folder, 'gone'), join(folder, 'a.png'));

    const importing = importDataset(await folders.store(), folder, { name: 'moons' });

    await expect(importing).rejects.toBeInstanceOf(LambduelError);
    await expect(importing).rejects.toThrow(/^a\.png: it cannot be read: ENOENT/);
  });

  it.skipIf(process.getuid?.() === 0)('says that a file must not be read', async () => {
    const path = await fileOf(IDX);
    await chmod(path, 0);

    const importing = importDataset(await folders.store(), path, { name: 'moons' });

    await expect(importing).rejects.toThrow(/cannot be read: EACCES/);
  });

  it('refuses a name before it reads anything', async () => {
    const store = await folders.store();
    const path = await fileOf(IDX);
    const onProgress = () => expect.unreachable('the file is being read');

    await expect(importDataset(store, path, { name: 'My Moons', onProgress })).rejects.toThrow(
      /not a name/,
    );
    const builtIn = importDataset(store, path, { name: 'digits', onProgress });

    await expect(builtIn).rejects.toThrow('digits is the name of the built-in dataset');
    await expect(builtIn).rejects.toBeInstanceOf(UsageError);
    expect(await listDatasets(store)).toEqual([]);
  });
});
