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

const commandLine = testCommandLine();
const folder = testFolders();
let store: DiskStore;
beforeAll(async () => {
  store = await DiskStore.open(await folder());
});

// The estimate is for the native library on Linux, which is what workers on AWS have.
const isMeasurable = platform() === 'linux' && nativeIsInstalled();

describe.runIf(isMeasurable)('the memory that a worker is said to need is what it comes to', () => {
  it.each([
    [28, 1, 128, []],
    [32, 3, 32, []],
    [64, 3, 32, ['--augment', 'color,translation,cutout']],
  ])('with %i pixels, %i channels and shards of %i %j', async (size, channels, batch, augment) => {
    const name = `${size}x${channels}`;
    const images = new Uint8Array(16 * size * size * channels).fill(100);
    const shape = [size, size, channels] as const;
    await packDataset(store, { name, images, examples: 16, shape, source: 'a test' });
    const id = runId(size * 1000 + batch);
    const program = ['--preset', 'dcgan', '--dataset', name, '--size', `${size}`, ...augment];
    const sizes = ['--batch', `${batch}`, '--shards', '1', '--iterations', '1', '--run-id', id];
    const command = commandLine.start('train', ...program, ...sizes, '--store', store.root);

    const peak = await peakOf(command);

    const { code, stderr } = await command.end();
    expect(code, stderr).toBe(0);
    const config = await readConfig(store, id);
    const { total } = workerMemory(config, builtInPrograms().create(config.program));
    expect(total / peak).toBeGreaterThan(0.75);
    expect(total / peak).toBeLessThan(1.5);
  });
});

/** The most memory that a command's worker has had resident until it ended, in MB. */
async function peakOf(command: RunningCommand): Promise<number> {
  let peak = 0;
  while (!command.hasEnded) {
    for (const pid of await command.workers()) peak = Math.max(peak, await residentPeak(pid));
    await sleep(50);
  }
  return peak;
}

/** The kernel's own record of a process's most memory, in MB; 0 when the process is gone. */
async function residentPeak(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}
