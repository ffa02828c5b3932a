import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DiskStore } from '../../lib/store/disk.ts';
import { StoreUnavailableError } from '../../lib/store/store.ts';
import { isPatterned, patterned } from './pattern.ts';

/** More than the small disk holds: an end, whatever the store does wrong. */
const MOST_OBJECTS = 1000;

/** Fills a small disk with objects, and prints what became of it as JSON. */
async function main([folder = '']: string[]): Promise<void> {
  const store = await DiskStore.open(folder);
  let error: unknown;
  let written = 0;
  while (error === undefined && written < MOST_OBJECTS) {
    const options = { transient: written % 2 === 1 };
    error = await store.create(`new/${written}`, patterned(written), options).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error === undefined) written++;
  }
  const listed = await store.list('');
  const contents = await Promise.all(listed.map(({ key }) => store.get(key)));
  const report = {
    hint: error instanceof StoreUnavailableError ? error.hint : String(error),
    written,
    whole: contents.filter(({ bytes }) => isPatterned(bytes)).length,
    listed: listed.length,
    drafts: await readdir(join(folder, '.tmp')),
  };
  await store.remove([listed[0]?.key ?? '']);
  const goesOn = await store.create('again', patterned(0)).then(
    () => true,
    () => false,
  );
  console.log(JSON.stringify({ ...report, goesOn }));
}

await main(process.argv.slice(2));
