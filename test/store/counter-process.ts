import { setTimeout as sleep } from 'node:timers/promises';
import { DiskStore } from '../../lib/store/disk.ts';
import { ObjectChangedError } from '../../lib/store/store.ts';

/** Adds one to the number in an object so many times, by compare-and-swap. */
async function main([folder = '', key = '', times = '0']: string[]): Promise<void> {
  const store = await DiskStore.open(folder);
  for (let done = 0; done < Number(times); ) {
    const { bytes, etag } = await store.get(key);
    const next = Buffer.from(String(Number(Buffer.from(bytes).toString()) + 1));
    try {
      await store.replace(key, next, etag);
      done++;
    } catch (error) {
      if (!(error instanceof ObjectChangedError)) throw error;
      await sleep(Math.random() * 3);
    }
  }
  process.disconnect();
}

await main(process.argv.slice(2));
