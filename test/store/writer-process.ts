import { DiskStore } from '../../lib/store/disk.ts';
import { patterned } from './pattern.ts';

/** Writes objects in every way for as long as it lives, and tells its parent after each round. */
async function main([folder = '', from = '0']: string[]): Promise<void> {
  const store = await DiskStore.open(folder);
  for (let round = Number(from); ; round++) {
    await Promise.all([
      store.create(`new/${round}`, patterned(round), { transient: true }),
      store.put('put', patterned(round)),
      store.get('head').then(({ etag }) => store.replace('head', patterned(round), etag)),
    ]);
    process.send?.(round);
  }
}

await main(process.argv.slice(2));
