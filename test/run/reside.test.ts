import { describe, expect, it } from 'vitest';
import { LocalQueueService } from '../../lib/queue/local.ts';
import { type Queue, QueueNotFoundError, type QueueService } from '../../lib/queue/queue.ts';
import { reside, type Stay } from '../../lib/run/worker/reside.ts';
import { parseReply } from '../../lib/wire/messages.ts';
import { FakeClock } from '../../support/fixtures.ts';
import { gradientJob } from '../../support/messages.ts';

const HOUR_MS = 3_600_000;
const JOB = gradientJob();

/** Queues in memory where waiting for a message takes no time of the machine. */
class TimedQueues extends LocalQueueService {
  readonly polls: number[] = [];
  /** Done when a worker waits, after the time has passed. */
  whileWaiting: () => Promise<void> = async () => {};

  constructor(readonly clock: FakeClock) {
    super();
  }

  override open(name: string): Queue {
    const queue = super.open(name);
    return {
      ...queue,
      receive: async ({ max, waitMs }) => {
        const there = await queue.receive({ max, waitMs: 0 });
        if (there.length > 0) return there;
        this.polls.push(waitMs);
        this.clock.advance(waitMs);
        await this.whileWaiting();
        return queue.receive({ max, waitMs: 0 });
      },
    };
  }
}

async function newStay(change: Partial<Stay> = {}) {
  const clock = new FakeClock();
  const queues = new TimedQueues(clock);
  await queues.create('jobs', { visibilityMs: HOUR_MS });
  await queues.create(JOB.replyTo, { visibilityMs: HOUR_MS });
  const successors: number[] = [];
  const stay: Stay = {
    server: {
      queues,
      jobs: queues.open('jobs'),
      retry: { delayMs: () => 0, isOver: () => true },
      // A worker that cannot start answers too: what it does with jobs is tested elsewhere.
      worker: () => Promise.reject(new Error('not today')),
    },
    clock,
    isDue: () => false,
    overlapMs: 10_000,
    startSuccessor: async () => {
      successors.push(clock.now());
      return true;
    },
    ...change,
  };
  const answers = async () =>
    (await queues.open(JOB.replyTo).receive({ max: 10, waitMs: 0 })).map(({ body }) =>
      parseReply(body),
    );
  return { clock, queues, stay, successors, answers };
}

const send = (queues: QueueService) => queues.open('jobs').send([{ body: JSON.stringify(JOB) }]);

describe('a resident worker', () => {
  it('does the jobs of its queue, and ends within one poll when that is gone', async () => {
    const { queues, stay, answers, clock } = await newStay();
    await send(queues);
    await send(queues);
    let removedAt = 0;
    queues.whileWaiting = async () => {
      await queues.remove('jobs');
      removedAt = clock.now();
    };
    expect(await reside(stay)).toBe('the queue is gone');
    expect(await answers()).toHaveLength(2);
    expect(clock.now() - removedAt).toBeLessThanOrEqual(20_000);
  });

  it('starts its successor when its time runs out, and goes on until that is ready', async () => {
    const { queues, stay, clock, successors, answers } = await newStay();
    const dueAt = clock.now() + 12_000;
    queues.whileWaiting = () => send(queues);
    expect(await reside({ ...stay, isDue: () => clock.now() >= dueAt })).toBe('its time is over');
    expect(successors).toHaveLength(1);
    const [successor = 0] = successors;
    expect(successor).toBeGreaterThanOrEqual(dueAt);
    expect(clock.now() - successor).toBe(10_000);
    expect((await answers()).length).toBeGreaterThan(3); // two of them beside its successor
  });

  it('tries again where a successor cannot be started, and ends in time all the same', async () => {
    let tries = 0;
    const { stay, clock } = await newStay();
    const startSuccessor = async () => ++tries > 2;
    expect(await reside({ ...stay, isDue: () => true, startSuccessor })).toBe('its time is over');
    expect(tries).toBeGreaterThan(1);
    expect(clock.now()).toBeLessThan(30_000);
  });

  it('ends without a successor when there has been nothing to do for long', async () => {
    const { stay, successors, clock } = await newStay();
    expect(await reside(stay)).toBe('there was nothing to do');
    expect(successors).toEqual([]);
    expect(clock.now()).toBeLessThan(HOUR_MS);
  });

  it('looks a few times for a queue that is too new to be found', async () => {
    const { queues, stay, answers, clock } = await newStay();
    await queues.remove('jobs');
    clock.whileAsleep = async () => {
      clock.whileAsleep = async () => {};
      await queues.create('jobs', { visibilityMs: HOUR_MS });
      await send(queues);
      queues.whileWaiting = () => queues.remove('jobs');
    };
    expect(await reside(stay)).toBe('the queue is gone');
    expect(await answers()).toHaveLength(1);
  });

  it('ends soon where its queue never was', async () => {
    const { queues, stay, clock } = await newStay();
    await queues.remove('jobs');
    const before = clock.now();
    expect(await reside(stay)).toBe('the queue is gone');
    expect(clock.now() - before).toBeLessThan(20_000);
  });

  it('does nothing twice where another of its name serves the same queue', async () => {
    const { queues, stay, answers } = await newStay();
    for (let i = 0; i < 6; i++) await send(queues);
    queues.whileWaiting = () => queues.remove('jobs');
    expect(await Promise.all([reside(stay), reside(stay)])).toEqual([
      'the queue is gone',
      'the queue is gone',
    ]);
    expect(await answers()).toHaveLength(6);
  });

  it('acknowledges ten jobs by one request, and the others when there is nothing to do', async () => {
    const { queues, stay, clock } = await newStay();
    for (let i = 0; i < 13; i++) await send(queues);
    const acknowledged: number[][] = [];
    const { server } = stay;
    const acknowledge = (receipts: readonly string[]) => {
      acknowledged.push([receipts.length, clock.now()]);
      return server.jobs.acknowledge(receipts);
    };
    const startedAt = clock.now();
    queues.whileWaiting = async () => {
      if (acknowledged.length === 2) await queues.remove('jobs');
    };
    await reside({ ...stay, server: { ...server, jobs: { ...server.jobs, acknowledge } } });
    expect(acknowledged).toEqual([
      [10, startedAt],
      [3, startedAt + 5_000],
    ]);
  });

  it('does not hold back a job for longer than its next one takes', async () => {
    const { queues, stay, clock } = await newStay();
    for (let i = 0; i < 4; i++) await send(queues);
    const acknowledged: number[] = [];
    const { server } = stay;
    const jobs = {
      ...server.jobs,
      acknowledge: async ({ length }: readonly string[]) => void acknowledged.push(length),
    };
    const worker = async () => {
      clock.advance(6_000);
      throw new Error('slow');
    };
    queues.whileWaiting = () => queues.remove('jobs');
    await reside({ ...stay, server: { ...server, jobs, worker } });
    expect(acknowledged).toEqual([2, 2]);
  });

  it('survives a queue that fails a few times, and says why it ends when it goes on failing', async () => {
    const { stay, clock } = await newStay();
    let failures = 0;
    const { server } = stay;
    const failing = (times: number): Stay => ({
      ...stay,
      server: {
        ...server,
        jobs: {
          ...server.jobs,
          receive: async () => {
            if (failures++ < times) throw new Error('throttled');
            throw new QueueNotFoundError('jobs');
          },
        },
      },
    });
    await expect(reside(failing(100))).rejects.toThrow('throttled');
    expect([failures, clock.sleeps]).toEqual([5, 4]);
    failures = 0;
    expect(await reside(failing(3))).toBe('the queue is gone');
  });
});
