import { withFileLock } from '../../lib/store/file-lock.ts';

/** Takes a lock, says so, and holds it until it is killed. */
async function main([path = '']: string[]): Promise<void> {
  await withFileLock(path, async () => {
    process.send?.('locked');
    await new Promise((resolve) => setTimeout(resolve, 3_600_000));
  });
}

await main(process.argv.slice(2));
