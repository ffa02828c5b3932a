import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { LocalQueueService } from '../../lib/queue/local.ts';
import { QueueNotFoundError } from '../../lib/queue/queue.ts';
import { type Clock, systemClock } from '../../lib/run/clock.ts';
import type { ResidentTask } from '../../lib/run/coordinator/resident-fleet.ts';
import { DEFAULT_FLEET, NO_LIMITS, type RunFleet, readHead } from '../../lib/run/record/head.ts';
import { allJobQueues, jobQueue } from '../../lib/run/record/keys.ts';
import { cancelRun, createRun } from '../../lib/run/record/runs.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { parseJob } from '../../lib/wire/messages.ts';
import { testFolders } from '../support/folders.ts';
import { play, ScriptedWorker, tinyConfig, Witness } from './scripted-run.ts';

const folder = testFolders();
/** Longer than any limit: a job that is not answered is late at once. */
const SPEED = 200;
const FAST: Clock = { ...systemClock, now: () => SPEED * systemClock.now() };
const RESIDENT: RunFleet = { ...DEFAULT_FLEET, fleet: 'resident' };

/** How many jobs a worker does before it is gone without a word; 0: it never comes. */
type Life = (task: ResidentTask, starts: number) => number;

const FOR_EVER: Life = () => Number.POSITIVE_INFINITY;

/** Residents that answer as they should, for as long as a test says. */
class Residents {
  readonly starts: string[] = [];
  /** Those that serve their queue now. */
  alive = 0;
  readonly max: number;
  readonly #queues: LocalQueueService;
  readonly #store: DiskStore;
  readonly #life: Life;

  constructor(queues: LocalQueueService, store: DiskStore, life: Life, max: number) {
    this.#queues = queues;
    this.#store = store;
    this.#life = life;
    this.max = max;
  }

  readonly start = async (task: ResidentTask): Promise<void> => {
    this.starts.push(task.worker);
    void this.#live(task, this.#life(task, this.starts.length));
  };

  async #live({ queue, worker: name }: ResidentTask, jobs: number): Promise<void> {
    const worker = new ScriptedWorker(this.#store);
    const from = this.#queues.open(queue);
    this.alive++;
    try {
      for (let done = 0; done < jobs; ) {
        const [delivery] = await from.receive({ max: 1, waitMs: 20 });
        if (!delivery) continue;
        done++;
        if (done === jobs) break; // killed in the middle of a job
        const job = parseJob(delivery.body);
        const answer = await worker.answer(job);
        const body = JSON.stringify({ ...JSON.parse(answer.body), worker: name });
        await this.#queues.open(job.replyTo).send([{ ...answer, body }]);
        await from.acknowledge([delivery.receipt]);
      }
    } catch (error) {
      if (!(error instanceof QueueNotFoundError)) throw error;
    } finally {
      this.alive--;
    }
  }

  async untilGone(): Promise<void> {
    while (this.alive > 0) await sleep(5);
  }
}

async function newRun({ life = FOR_EVER, max = 16, fleet = RESIDENT, iterations = 3 } = {}) {
  const store = await DiskStore.open(await folder());
  const config = tinyConfig({ iterations });
  await createRun(store, config, systemClock, NO_LIMITS, fleet);
  const queues = new LocalQueueService();
  const residents = new Residents(queues, store, life, max);
  const { runId } = config;
  const run = { store, runId, queues, clock: FAST, leaseMs: 1e9, change: { residents } };
  const weights = async () => {
    const { checkpoint } = (await readHead(store, runId)).head;
    const prefix = `runs/${runId}/checkpoints/${checkpoint?.iteration}-e${checkpoint?.epoch}/`;
    const { bytes } = await store.get(`${prefix}center.safetensors`);
    return Buffer.from(bytes).toString('hex');
  };
  return { ...run, residents, weights, left: () => queues.list(allJobQueues) };
}

/** Nobody takes jobs from the queue of all runs. */
const unused = async () => {
  throw new Error('A job went to the queue of all runs');
};

async function expectSameAsAlone(run: Awaited<ReturnType<typeof newRun>>): Promise<void> {
  const alone = await newRun({ fleet: DEFAULT_FLEET });
  await play(alone);
  expect(await run.weights()).toBe(await alone.weights());
  expect(await run.left()).toEqual([]);
  await run.residents.untilGone();
}

test('a run has as many workers as shards, to the same bits, and leaves neither queue nor worker', async () => {
  const run = await newRun();
  const { status, jobs } = await play({ ...run, script: unused });
  expect([status, jobs]).toEqual(['finished', []]);
  expect(run.residents.starts).toEqual(['0.1', '1.1', '2.1']);
  await expectSameAsAlone(run);
});

test('a run has no more workers than it wants, and than the stack has', async () => {
  const few = await newRun({ fleet: { fleet: 'resident', workers: 2 } });
  const bounded = await newRun({ max: 1 });
  for (const run of [few, bounded]) expect((await play(run)).status).toBe('finished');
  expect([few.residents.starts.length, bounded.residents.starts.length]).toEqual([2, 1]);
});

test.each<[string, Life]>([
  ['is killed in the middle of a job', ({ worker }) => (worker === '1.1' ? 3 : 1e9)],
  ['never comes', ({ worker }) => (worker === '1.1' ? 0 : 1e9)],
  ['of all dies at its first job', ({ worker }) => (worker.endsWith('.1') ? 1 : 1e9)],
])('a worker that %s is missed by nobody', async (_what, life) => {
  const run = await newRun({ life });
  expect((await play({ ...run, script: unused })).status).toBe('finished');
  await expectSameAsAlone(run);
});

test('when all workers die, others are started, and the run goes on', async () => {
  const run = await newRun({ life: ({ worker }) => (worker.endsWith('.1') ? 4 : 1e9) });
  const witness = new Witness();
  const replaced: string[] = [];
  witness.events.on('replaced', ({ worker }) => void replaced.push(worker));
  expect((await play(run, witness)).status).toBe('finished');
  expect(replaced.length).toBeGreaterThan(0);
  expect(run.residents.starts.length).toBe(3 + replaced.length);
  await expectSameAsAlone(run);
});

test('a worker that was started twice does no harm', async () => {
  const run = await newRun();
  const { start } = run.residents;
  const twice = async (task: ResidentTask) => {
    await start(task);
    await start(task);
  };
  const residents = { max: 16, start: twice };
  expect((await play({ ...run, change: { residents } })).status).toBe('finished');
  await expectSameAsAlone(run);
});

test('a function that only fails is not started without end, and the run says so', async () => {
  const run = await newRun({ life: () => 0 });
  await expect(play(run)).rejects.toThrow(/failed 5 times; the last time: no answer for/);
  expect(run.residents.starts.length).toBeLessThanOrEqual(3 * 5);
  expect((await readHead(run.store, run.runId)).head.status).toBe('failed');
  expect(await run.left()).toEqual([]);
});

test('a run whose queue is removed fails, and can be resumed to the same bits', async () => {
  const run = await newRun();
  const witness = new Witness();
  witness.events.on('iteration', async ({ iteration, epoch }) => {
    if (iteration === 1 && epoch === 1) await run.queues.remove(jobQueue(run.runId, 1));
  });
  await expect(play(run, witness)).rejects.toThrow(QueueNotFoundError);
  expect(await run.left()).toEqual([]);
  expect((await play({ ...run, owner: 'second' })).status).toBe('finished');
  await expectSameAsAlone(run);
});

test('a run that is cancelled ends its workers', async () => {
  const run = await newRun({ iterations: 100_000 });
  const witness = new Witness();
  witness.events.on('iteration', async ({ iteration }) => {
    if (iteration === 2) await cancelRun(run.store, run.runId, systemClock);
  });
  const { status } = await play({ ...run, leaseMs: 60_000 }, witness);
  expect(status).toBe('cancelled');
  expect(await run.left()).toEqual([]);
  await run.residents.untilGone();
});

test('a coordinator that hands over leaves its workers nothing to wait for; the next one has its own', async () => {
  const run = await newRun();
  let due = true;
  const handOver = {
    isDue: () => due,
    start: async () => {
      due = false;
    },
  };
  const { residents } = run;
  expect((await play({ ...run, change: { residents, handOver } })).status).toBe('running');
  expect(await run.left()).toEqual([]);
  await residents.untilGone();
  expect((await play({ ...run, owner: 'second' })).status).toBe('finished');
  expect((await readHead(run.store, run.runId)).head.fleet).toBe('resident');
  expect(residents.starts).toHaveLength(6);
  await expectSameAsAlone(run);
});
