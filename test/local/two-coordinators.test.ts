import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { LocalQueueService } from '../../lib/queue/local.ts';
import { systemClock } from '../../lib/run/clock.ts';
import { LeaseLostError, RunBusyError } from '../../lib/run/coordinator/lease.ts';
import { readHead } from '../../lib/run/record/head.ts';
import { cancelRun, createRun } from '../../lib/run/record/runs.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import type { Store } from '../../lib/store/store.ts';
import { testFolders } from '../support/folders.ts';
import { play, rightAnswers, type Script, tinyConfig } from './scripted-run.ts';

const folder = testFolders();

async function newRun() {
  const store = await DiskStore.open(await folder());
  const config = tinyConfig();
  await createRun(store, config, systemClock);
  return { store, runId: config.runId };
}

/** The bytes of a run's last checkpoint, without what says which epoch wrote it. */
async function finalBytes(store: Store, runId: string): Promise<string[]> {
  const { head } = await readHead(store, runId);
  const { iteration, epoch } = head.checkpoint as { iteration: number; epoch: number };
  const objects = await store.list(`runs/${runId}/checkpoints/${iteration}-e${epoch}/`);
  const tensors = objects.filter(({ key }) => key.endsWith('.safetensors'));
  return Promise.all(
    tensors.map(async ({ key }) => Buffer.from((await store.get(key)).bytes).toString('hex')),
  );
}

async function undisturbed(): Promise<string[]> {
  const run = await newRun();
  await play(run);
  return finalBytes(run.store, run.runId);
}

/** A worker that waits at the first job of a step until it is let go on. */
function gateAt(step: number) {
  let open = () => {};
  let arrive = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const script: Script = async (job, worker) => {
    const messages = rightAnswers(job, worker);
    if (job.kind === 'gradient' && job.step === step) {
      arrive();
      await opened;
    }
    return messages;
  };
  return { script, reached, open };
}

describe('two coordinators of one run', () => {
  test('one gets on, the other learns that the run is busy', async () => {
    const run = await newRun();
    const gate = gateAt(5);
    const first = play({ ...run, owner: 'first', leaseMs: 6000, script: gate.script });
    await gate.reached;
    await expect(play({ ...run, owner: 'second', leaseMs: 6000 })).rejects.toThrow(RunBusyError);
    gate.open();
    expect((await first).status).toBe('finished');
    expect((await readHead(run.store, run.runId)).head.epoch).toBe(1);
  });

  test('started at once, one gets on', async () => {
    const run = await newRun();
    const outcomes = await Promise.allSettled(
      ['first', 'second', 'third'].map((owner) => play({ ...run, owner, leaseMs: 6000 })),
    );
    const finished = outcomes.filter(({ status }) => status === 'fulfilled');
    expect(finished).toHaveLength(1);
    expect(await finalBytes(run.store, run.runId)).toEqual(await undisturbed());
  });

  test.each([
    ['before there is a checkpoint', 2],
    ['between two checkpoints', 6],
    ['in the last iteration', 11],
  ])('one that sleeps past its lease stops, when it wakes %s', async (_when, step) => {
    const run = await newRun();
    const queues = new LocalQueueService();
    const gate = gateAt(step);
    let awake = false;
    const clock = { ...systemClock, now: () => (awake ? systemClock.now() : 0) };
    const first = play({
      ...run,
      queues,
      owner: 'first',
      leaseMs: 200,
      clock,
      script: gate.script,
    });
    first.catch(() => {});
    await gate.reached;
    await sleep(250);

    const second = await play({ ...run, queues, owner: 'second', leaseMs: 60_000 });
    expect(second.status).toBe('finished');
    const { head } = await readHead(run.store, run.runId);
    awake = true;
    gate.open();

    await expect(first).rejects.toThrow(LeaseLostError);
    expect((await readHead(run.store, run.runId)).head).toEqual(head); // not even marked as failed
    expect(await finalBytes(run.store, run.runId)).toEqual(await undisturbed());
    expect(await run.store.list(`runs/${run.runId}/weights/`)).toEqual([]);
    expect(await queues.list('')).toEqual([]);
  });
});

describe('a run that is gone on with', () => {
  test('never sees an answer to an earlier epoch', async () => {
    const run = await newRun();
    const queues = new LocalQueueService();
    const oldQueues = new Set<string>();
    const stopAfter = { shouldStop: () => true };
    const first = await play({
      ...run,
      queues,
      change: stopAfter,
      script: async (job, worker) => {
        oldQueues.add(job.replyTo);
        return rightAnswers(job, worker);
      },
    });
    expect(first.status).toBe('stopped');

    const refused: unknown[] = [];
    const second = await play({
      ...run,
      queues,
      owner: 'second',
      script: async (job, worker) => {
        for (const name of oldQueues) {
          const poison = { body: JSON.stringify({ ...job, epoch: 1 }) };
          await queues
            .open(name)
            .send([poison])
            .catch((error: unknown) => refused.push(error));
        }
        return rightAnswers(job, worker);
      },
    });
    expect(second.status).toBe('finished');
    expect(second.dropped).toEqual([]);
    expect(refused).toHaveLength(second.jobs.length); // each found no queue of that name
    expect(second.jobs.every(({ replyTo, epoch }) => epoch === 2 && !oldQueues.has(replyTo))).toBe(
      true,
    );
    expect(await finalBytes(run.store, run.runId)).toEqual(await undisturbed());
  });

  test('may have been stopped after any iteration', async () => {
    const run = await newRun();
    for (const owner of ['first', 'second']) {
      const { status } = await play({ ...run, owner, change: { shouldStop: () => true } });
      expect(status).toBe('stopped');
    }
    const { status } = await play({ ...run, owner: 'third' });
    expect(status).toBe('finished');
    expect(await finalBytes(run.store, run.runId)).toEqual(await undisturbed());
  });
});

describe('a run that is cancelled', () => {
  test('ends at a checkpoint, and cannot be gone on with', async () => {
    const run = await newRun();
    const gate = gateAt(1);
    let ahead = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + ahead };
    const advancing = play({ ...run, clock, script: gate.script });
    await gate.reached;
    expect(await cancelRun(run.store, run.runId, systemClock)).toBe(false);
    ahead = 30_000; // it is time to renew the lease, which shows the request
    gate.open();
    expect((await advancing).status).toBe('cancelled');
    const { head } = await readHead(run.store, run.runId);
    expect(head.lease).toBeNull();
    expect(head.checkpoint?.iteration).toBeGreaterThan(0);
    await expect(play({ ...run, owner: 'second' })).rejects.toThrow(/is cancelled/);
  });
});
