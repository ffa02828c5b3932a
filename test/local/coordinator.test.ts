import { describe, expect, test } from 'vitest';
import { layOut } from '../../lib/numeric/parameter-block.ts';
import { LocalQueueService } from '../../lib/queue/local.ts';
import type { Message } from '../../lib/queue/queue.ts';
import { systemClock } from '../../lib/run/clock.ts';
import type { RunConfig } from '../../lib/run/record/config.ts';
import { readHead } from '../../lib/run/record/head.ts';
import { createRun } from '../../lib/run/record/runs.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import type { Store } from '../../lib/store/store.ts';
import type { GradientJob } from '../../lib/wire/messages.ts';
import { decodeParameters } from '../../lib/wire/parameters.ts';
import { storeWith } from '../../support/fixtures.ts';
import { testFolders } from '../support/folders.ts';
import {
  failure,
  play,
  rightAnswers,
  type Script,
  scriptedGradient,
  success,
  tinyConfig,
  Witness,
} from './scripted-run.ts';

const folder = testFolders();
/** More shards than may be out at once. */
const WIDE = { batch: 200, shards: 200, iterations: 1 };
const PHASES = ['center', 'maker', 'center', 'spread'];

async function newRun(change: Partial<RunConfig> = {}) {
  const store = await DiskStore.open(await folder());
  const config = tinyConfig(change);
  await createRun(store, config, systemClock);
  return { store, runId: config.runId };
}

/** A network's tensor in the last checkpoint. */
async function finalTensor(store: Store, runId: string, network: string): Promise<number[]> {
  const { head } = await readHead(store, runId);
  const { iteration, epoch } = head.checkpoint as { iteration: number; epoch: number };
  const key = `runs/${runId}/checkpoints/${iteration}-e${epoch}/${network}.safetensors`;
  const layout = layOut([{ name: `${network}.at`, shape: [network === 'spread' ? 1 : 2] }]);
  return [...decodeParameters(layout, (await store.get(key)).bytes, key)];
}

async function finalTensors(store: Store, runId: string): Promise<Record<string, number[]>> {
  const tensors: Record<string, number[]> = {};
  for (const network of new Set(PHASES)) {
    tensors[network] = await finalTensor(store, runId, network);
  }
  return tensors;
}

/** Where a run comes to that nothing disturbs. */
async function undisturbed(change: Partial<RunConfig> = {}): Promise<Record<string, number[]>> {
  const run = await newRun(change);
  await play(run);
  return finalTensors(run.store, run.runId);
}

/** Expect a run with this script to come to where it would have come undisturbed. */
async function expectSameEnd(script: Script, change: Partial<RunConfig> = {}) {
  const run = await newRun(change);
  const played = await play({ ...run, script });
  expect(played.status).toBe('finished');
  expect(await finalTensors(run.store, run.runId)).toEqual(await undisturbed(change));
  const left = await run.store.list(`runs/${run.runId}/`);
  expect(left.filter(({ key }) => /\/(weights|gradients)\//.test(key))).toEqual([]);
  return played;
}

/** Do one thing for the first job that is so, and what is right for all others. */
function once(which: (job: GradientJob) => boolean, script: Script): Script {
  let done = false;
  return (job, worker) => {
    if (done || job.kind !== 'gradient' || !which(job)) return rightAnswers(job, worker);
    done = true;
    return script(job, worker);
  };
}

const isIn = (step: number, shard: number) => (job: GradientJob) =>
  job.step === step && job.shard === shard;

describe('a run', () => {
  test('sends all of its jobs as one group, those too that are sent again', async () => {
    const run = await newRun();
    const queues = new LocalQueueService();
    const groups: (string | undefined)[] = [];
    const jobs = queues.open('jobs-first');
    const send = async (messages: readonly Message[]) => {
      groups.push(...messages.map(({ group }) => group));
      await jobs.send(messages);
    };
    const script = once(isIn(3, 1), async (job) => [failure(job, 'not now')]);
    const change = { jobs: { ...jobs, send } };
    const { resent } = await play({ ...run, queues, script, change });
    expect(resent).toHaveLength(1);
    expect(groups.length).toBeGreaterThan(3 * 4 * 3 + 1);
    expect(new Set(groups)).toEqual(new Set([run.runId]));
  });

  test('of a program that the coordinator has never seen comes to where arithmetic says', async () => {
    const run = await newRun({ iterations: 2 });
    await play(run);
    const [sizes, at, m, v] = [
      [2, 2, 3],
      [0, 0],
      [0, 0],
      [0, 0],
    ];
    let updates = 0;
    for (const step of [0, 2, 4, 6]) {
      updates++;
      const rate = (1e-3 * Math.sqrt(1 - 0.999 ** updates)) / (1 - 0.9 ** updates);
      const gradients = sizes.map((_, shard) =>
        scriptedGradient(Float32Array.from(at), step, shard),
      );
      for (const i of [0, 1]) {
        const g = sizes.reduce((sum, n, k) => sum + (n * (gradients[k]?.[i] as number)) / 7, 0);
        m[i] = 0.9 * (m[i] as number) + 0.1 * g;
        v[i] = 0.999 * (v[i] as number) + 0.001 * g * g;
        at[i] = (at[i] as number) - (rate * (m[i] as number)) / (Math.sqrt(v[i] as number) + 1e-8);
      }
    }
    const center = await finalTensor(run.store, run.runId, 'center');
    center.forEach((value, i) => {
      expect(value).toBeCloseTo(at[i] as number, 8); // float32 state against float64
    });
  });

  test('publishes after each step the network of its phase, and no other', async () => {
    const { store, runId } = await newRun({ iterations: 2 });
    const published: string[] = [];
    const watched = storeWith(store, {
      create: (key, bytes, options) => {
        const weights = /\/weights\/(.+)-e1\.safetensors$/.exec(key)?.[1];
        if (weights) published.push(weights);
        return store.create(key, bytes, options);
      },
    });
    const { jobs } = await play({ store: watched, runId });
    const first = ['center/0', 'spread/0', 'maker/0'];
    const iterations = ['center/1', 'maker/1', 'center/2', 'spread/1', 'center/3', 'maker/2'];
    // Nobody computes with what the last step changed, but for the grid, which needs the generator.
    expect(published).toEqual([...first, ...iterations, 'center/4']);

    const gradientJobs = jobs.filter((job) => job.kind === 'gradient');
    expect(gradientJobs.map(({ step }) => step)).toEqual(
      Array.from({ length: 8 * 3 }, (_, i) => Math.floor(i / 3)), // a step only after the one before
    );
    for (const { step, weights } of gradientJobs) {
      const before = Array.from({ length: step }, (_, s) => PHASES[s % 4]);
      for (const [network, { key }] of Object.entries(weights)) {
        const version = before.filter((name) => name === network).length;
        expect(key).toBe(`runs/${runId}/weights/${network}/${version}-e1.safetensors`);
      }
    }
  });

  test('has at most 64 jobs out, counted from the first that is not in', async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    // All answers but the first job's are in, and the coordinator has looked for more since.
    let answered = 0;
    let beats = 0;
    let highest = 0;
    let highestWhenReleased = -1;
    const assertHealthy = () => {
      beats = answered === highest ? beats + 1 : 0;
      if (beats < 2 || highestWhenReleased >= 0) return;
      highestWhenReleased = highest;
      release();
    };
    const script: Script = async (job, worker) => {
      if (job.kind === 'gradient' && job.step === 0) {
        highest = Math.max(highest, job.shard);
        if (job.shard === 0) await released;
      }
      return [await worker.answer(job)];
    };
    const run = await newRun(WIDE);
    const witness = new Witness();
    witness.events.on('answered', ({ round }) => {
      if (round === 'step-0') answered++;
    });
    const clock = { ...systemClock, now: () => 0 }; // no job is ever late or slow
    const played = await play({ ...run, script, clock, change: { assertHealthy } }, witness);
    expect(highestWhenReleased).toBe(63);
    expect(await finalTensors(run.store, run.runId)).toEqual(await undisturbed(WIDE));
    expect(played.jobs).toHaveLength(4 * 200 + 1); // and the sample grid's
    const order = played.jobs.slice(0, 200).map((job) => (job.kind === 'gradient' ? job.shard : 0));
    expect(order).toEqual(order.map((_, i) => i));
    expect(played.resent).toEqual([]);
  });
});

describe('an answer', () => {
  test('that comes many times counts once', async () => {
    const script: Script = async (job, worker) => {
      const message = await worker.answer(job);
      return [message, message, message];
    };
    const { dropped } = await expectSameEnd(script);
    expect(dropped.some((reason) => reason.startsWith('copy for step-'))).toBe(true);
  });

  test('to an earlier step is dropped', async () => {
    let late: readonly Message[] = [];
    const script: Script = async (job, worker) => {
      const messages = [await worker.answer(job)];
      if (job.kind === 'gradient' && job.step === 3) return [...late, ...messages];
      if (job.kind === 'gradient' && isIn(0, 1)(job)) late = messages;
      return messages;
    };
    const { dropped } = await expectSameEnd(script);
    expect(dropped).toContain('late answer for step-0');
  });

  test('to another epoch is dropped', async () => {
    const script = once(isIn(0, 1), async (job, worker) => {
      const wrong = worker.answerWith(job as GradientJob, Float32Array.of(9, 9));
      const body = JSON.stringify({ ...JSON.parse(wrong.body), epoch: job.epoch + 1 });
      return [{ ...wrong, body }, await worker.answer(job)];
    });
    expect((await expectSameEnd(script)).dropped).toEqual(['late answer for step-0']);
  });

  test('that was damaged on its way is asked for again', async () => {
    const script = once(isIn(1, 2), async (job, worker) => {
      const message = await worker.answer(job);
      const payload = Uint8Array.from(message.payload ?? []);
      payload[payload.length - 1] = (payload.at(-1) as number) ^ 1;
      return [{ ...message, payload }];
    });
    const { resent } = await expectSameEnd(script);
    expect(resent).toEqual(['step-1/2 attempt 2: the answer for step-1/2 was damaged on its way']);
  });

  test.each([
    ['is no object of its run', { key: 'datasets/secret', bytes: 1, crc32: '00000000' }],
    ['is not there', { key: 'runs/20260131-235959-0a1b/gradients/x', bytes: 1, crc32: '00000000' }],
  ])('that names what %s is asked for again', async (_what, data) => {
    const script = once(isIn(2, 0), async (job) => [success(job, new Uint8Array(1), { data })]);
    const { resent } = await expectSameEnd(script);
    expect(resent).toHaveLength(1);
  });

  test.each([
    ['is not JSON', 'gradient'],
    ['is of another format', '{"format":99,"kind":"success"}'],
  ])('that %s is dropped', async (_what, body) => {
    const script = once(isIn(0, 0), async (job, worker) => [{ body }, await worker.answer(job)]);
    const { dropped } = await expectSameEnd(script);
    expect(dropped).toHaveLength(1);
  });

  test('for a shard that there is not is dropped', async () => {
    const script = once(isIn(0, 0), async (job, worker) => [
      success(job, new Uint8Array(8), { index: 17 }),
      await worker.answer(job),
    ]);
    expect((await expectSameEnd(script)).dropped).toEqual(['copy for step-0/17']);
  });
});

describe('a job', () => {
  test('that fails is sent again', async () => {
    const failed: string[] = [];
    const script: Script = async (job, worker) => {
      if (job.kind !== 'gradient' || job.shard !== 1 || job.attempt > 2) {
        return rightAnswers(job, worker);
      }
      failed.push(`${job.step}`);
      return [failure(job, 'no memory')];
    };
    const { resent } = await expectSameEnd(script);
    expect(resent).toHaveLength(failed.length);
    expect(resent[0]).toBe('step-0/1 attempt 2: no memory');
  });

  test('that nobody answers is sent again', async () => {
    let ahead = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + ahead };
    const script = once(isIn(0, 1), async () => {
      setTimeout(() => {
        ahead = 61_000; // more than any job is given
      }, 50);
      return [];
    });
    const run = await newRun();
    const { resent } = await play({ ...run, script, clock, leaseMs: 200_000 });
    expect(resent).toEqual([expect.stringMatching(/^step-0\/1 attempt 2: no answer for \d+ s$/)]);
    expect(await finalTensors(run.store, run.runId)).toEqual(await undisturbed());
  });

  test('that fails five times fails the run, with what the worker said last', async () => {
    const run = await newRun();
    const script: Script = async (job, worker) =>
      job.kind === 'gradient' && isIn(6, 2)(job)
        ? [failure(job, `no memory, time ${job.attempt}`)]
        : rightAnswers(job, worker);
    const message = /step 6 on shard 2 failed 5 times; the last time: no memory, time 5/;
    await expect(play({ ...run, script })).rejects.toThrow(message);
    const { head } = await readHead(run.store, run.runId);
    expect(head).toMatchObject({ status: 'failed', lease: null, checkpoint: { iteration: 1 } });
    expect(head.error?.message).toMatch(message);
  });

  test('that can only fail fails the run at once', async () => {
    const run = await newRun();
    const witness = new Witness();
    const script: Script = async (job) => [failure(job, 'there is no such phase', false)];
    await expect(play({ ...run, script }, witness)).rejects.toThrow('there is no such phase');
    expect(witness.resent).toEqual([]);
  });
});

describe.each(['f32', 'f16', 'int8'] as const)('a gradient that is not finite, as %s,', (wire) => {
  test.each([Number.NaN, Infinity, -Infinity])('%d, fails the run', async (poison) => {
    const run = await newRun({ wire });
    const script: Script = async (job, worker) =>
      job.kind === 'gradient' && isIn(5, 1)(job)
        ? [worker.answerWith(job, Float32Array.of(0, poison))]
        : rightAnswers(job, worker);
    const message = /gradient of step 5 on shard 1, network maker, is not finite/;
    await expect(play({ ...run, script })).rejects.toThrow(message);

    const { head } = await readHead(run.store, run.runId);
    expect(head).toMatchObject({ status: 'failed', checkpoint: { iteration: 1, epoch: 1 } });
    expect(head.error?.message).toMatch(message);
    const left = await run.store.list(`runs/${run.runId}/`);
    expect(left.filter(({ key }) => /\/(weights|gradients)\//.test(key))).toEqual([]);

    expect((await play({ ...run, owner: 'second' })).status).toBe('finished');
    expect(await finalTensors(run.store, run.runId)).toEqual(await undisturbed({ wire }));
  });
});
