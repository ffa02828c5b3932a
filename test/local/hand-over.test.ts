import { describe, expect, test } from 'vitest';
import { LocalQueueService } from '../../lib/queue/local.ts';
import { systemClock } from '../../lib/run/clock.ts';
import { readHead } from '../../lib/run/record/head.ts';
import { repliesQueue } from '../../lib/run/record/keys.ts';
import { cancelRun, createRun, summarize } from '../../lib/run/record/runs.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import type { Store } from '../../lib/store/store.ts';
import { testFolders } from '../support/folders.ts';
import { type Played, play, tinyConfig } from './scripted-run.ts';

const folder = testFolders();

async function newRun() {
  const store = await DiskStore.open(await folder());
  const config = tinyConfig({ iterations: 5, checkpointEvery: 0 });
  await createRun(store, config, systemClock);
  return { store, runId: config.runId, queues: new LocalQueueService() };
}

type Run = Awaited<ReturnType<typeof newRun>>;

async function finalBytes(store: Store, runId: string): Promise<string[]> {
  const { checkpoint } = (await readHead(store, runId)).head;
  const prefix = `runs/${runId}/checkpoints/${checkpoint?.iteration}-e${checkpoint?.epoch}/`;
  const keys = (await store.list(prefix)).map(({ key }) => key);
  const tensors = keys.filter((key) => key.endsWith('.safetensors'));
  return Promise.all(
    tensors.map(async (key) => Buffer.from((await store.get(key)).bytes).toString('hex')),
  );
}

/** A coordinator that does one iteration and leaves the rest to others. */
function playOne(run: Run, owner: string, start: () => Promise<void>): Promise<Played> {
  return play({ ...run, owner, change: { handOver: { isDue: () => true, start } } });
}

/** A chain of coordinators, each of which starts the next before it lets go. */
async function playChain(run: Run): Promise<string[]> {
  const statuses: string[] = [];
  const started: Promise<void>[] = [];
  const startNext = async () => {
    const owner = `link-${started.length}`;
    started.push(playOne(run, owner, startNext).then(({ status }) => void statuses.push(status)));
  };
  await startNext();
  for (const link of started) await link; // grows while it is waited for
  return statuses;
}

describe('a run that is handed over', () => {
  test('after each iteration ends in the bits of one that is not', async () => {
    const undisturbed = await newRun();
    await play(undisturbed);
    const run = await newRun();
    expect(await playChain(run)).toEqual(['running', 'running', 'running', 'running', 'finished']);
    expect(await finalBytes(run.store, run.runId)).toEqual(
      await finalBytes(undisturbed.store, undisturbed.runId),
    );
    expect((await readHead(run.store, run.runId)).head.epoch).toBe(5);
    expect(await run.queues.list('')).toEqual([]);
    expect(await run.store.list(`runs/${run.runId}/weights/`)).toEqual([]);
  });

  test('is safe in a checkpoint, and still held, when the next one is started', async () => {
    const run = await newRun();
    let seen: unknown;
    const { status } = await playOne(run, 'first', async () => {
      const { head } = await readHead(run.store, run.runId);
      seen = { checkpoint: head.checkpoint, owner: head.lease?.owner };
    });
    expect(status).toBe('running');
    expect(seen).toEqual({ checkpoint: { iteration: 1, epoch: 1 }, owner: 'first' });
    expect((await readHead(run.store, run.runId)).head.lease).toBeNull();
    expect((await summarize(run.store, run.runId)).status).toBe('waiting');
  });

  test('keeps its queue, by which the watchdog finds it, until the next one has its own', async () => {
    const run = await newRun();
    await playOne(run, 'first', async () => {});
    expect(await run.queues.list('')).toEqual([repliesQueue(run.runId, 1)]);
    await play({ ...run, owner: 'second' });
    expect(await run.queues.list('')).toEqual([]);
  });

  test('is not lost when someone asks to cancel it meanwhile', async () => {
    const run = await newRun();
    let next: Promise<Played> | undefined;
    await playOne(run, 'first', async () => {
      next = play({ ...run, owner: 'second' });
      await new Promise((resolve) => setTimeout(resolve, 100)); // the second has seen the lease
      await cancelRun(run.store, run.runId, systemClock);
      await new Promise((resolve) => setTimeout(resolve, 1500)); // and the request
    });
    expect((await next)?.status).toBe('cancelled');
  });

  test('fails with the reason when the next one cannot be started', async () => {
    const run = await newRun();
    const playing = playOne(run, 'first', async () => {
      throw new Error('no more functions');
    });
    await expect(playing).rejects.toThrow('no more functions');
    const { head } = await readHead(run.store, run.runId);
    expect(head).toMatchObject({ status: 'failed', error: { message: 'no more functions' } });
    expect(head.checkpoint).toEqual({ iteration: 1, epoch: 1 });
  });
});

test('a run of another backend than the workers have is refused, and says so', async () => {
  const run = await newRun();
  const playing = play({ ...run, change: { backend: 'native' } });
  await expect(playing).rejects.toThrow(
    'started with the wasm backend, but the workers have native',
  );
  expect((await readHead(run.store, run.runId)).head.status).toBe('failed');
});
