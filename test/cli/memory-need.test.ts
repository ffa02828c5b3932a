import { readFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { nativeIsInstalled } from '../../lib/backend/choose.ts';
import { packDataset } from '../../lib/data/pack.ts';
import { builtInPrograms } from '../../lib/program/built-in.ts';
import { workerMemory } from '../../lib/run/record/memory-need.ts';
import { readConfig } from '../../lib/run/record/runs.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { runId } from '../../support/stored-run.ts';
import { testFolders } from '../support/folders.ts';
import { type RunningCommand, testCommandLine } from './command-line.ts';
import { until } from './processes.ts';

const commandLine = testCommandLine();
const folder = testFolders();
let store: DiskStore;
let runs = 0;
beforeAll(async () => {
  store = await DiskStore.open(await folder());
});

// The estimate is for the native library on Linux, which is what workers on AWS have.
const isMeasurable = platform() === 'linux' && nativeIsInstalled();

/** On a busy machine the native library now and then keeps twice as much of what it has freed. */
const OFTEN = { retry: 2 };

describe.runIf(isMeasurable)('the memory that a worker is said to need is what it comes to', () => {
  it.each([
    [28, 1, 128, []],
    [32, 3, 32, []],
    [64, 3, 32, ['--augment', 'color,translation,cutout']],
  ])(
    'with %i pixels, %i channels and shards of %i %j',
    OFTEN,
    async (size, channels, batch, augment) => {
      const id = runId(++runs);
      const name = `images-${runs}`;
      const images = new Uint8Array(16 * size * size * channels).fill(100);
      const shape = [size, size, channels] as const;
      await packDataset(store, { name, images, examples: 16, shape, source: 'a test' });
      const program = ['--preset', 'dcgan', '--dataset', name, '--size', `${size}`, ...augment];
      const sizes = ['--batch', `${batch}`, '--shards', '1', '--iterations', '1', '--run-id', id];
      const where = ['--threads', '1', '--store', store.root];
      const command = commandLine.start('train', ...program, ...sizes, ...where);

      const peak = await peakOf(command);

      const { code, stderr } = await command.end();
      expect(code, stderr).toBe(0);
      const config = await readConfig(store, id);
      const { total } = workerMemory(config, builtInPrograms().create(config.program));
      expect(total / peak).toBeGreaterThan(0.75);
      expect(total / peak).toBeLessThan(1.5);
    },
  );
});

/** The most memory that a command's worker has had resident until it ended, in MB. */
async function peakOf(command: RunningCommand): Promise<number> {
  await until(async () => (await command.workers()).length > 0 || command.hasEnded, 'a worker');
  const [worker = 0] = await command.workers();
  let peak = 0;
  while (!command.hasEnded) {
    peak = Math.max(peak, await residentPeak(worker));
    await sleep(10); // the worker may end soon after its peak
  }
  return peak;
}

/** The kernel's own record of a process's most memory, in MB; 0 when the process is gone. */
async function residentPeak(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}
