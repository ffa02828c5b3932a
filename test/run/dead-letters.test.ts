import { beforeEach, expect, it } from 'vitest';
import { LocalQueueService } from '../../lib/queue/local.ts';
import type { Queue } from '../../lib/queue/queue.ts';
import { countDeadLetters, redrive } from '../../lib/run/coordinator/dead-letters.ts';
import { runConfig } from '../../support/fixtures.ts';

const RUN = '20260131-235959-0a1b';
const OTHER = '20260131-235959-0a1c';

let dead: Queue;
let jobs: Queue;
beforeEach(async () => {
  const queues = new LocalQueueService();
  dead = await queues.create('dead', { visibilityMs: 600_000 });
  jobs = await queues.create('jobs', { visibilityMs: 600_000 });
  const bodies = [jobOf(RUN, 0), 'poison', jobOf(OTHER, 0), jobOf(RUN, 1)];
  await dead.send(bodies.map((body) => ({ body })));
});

function jobOf(runId: string, shard: number): string {
  const { seed, program, batch, dataset, wire } = runConfig();
  const common = { format: 1, kind: 'gradient', runId, epoch: 1, attempt: 1, weights: {} };
  const settings = { replyTo: 'replies', seed, program, batch, dataset, wire, phase: 0 };
  return JSON.stringify({ ...common, ...settings, step: 0, shard, shards: 2 });
}

const bodiesIn = async (queue: Queue) =>
  (await queue.receive({ max: 10, waitMs: 0 })).map(({ body }) => body);

it('counts those of a run, and those of no run, and leaves them', async () => {
  for (let i = 0; i < 2; i++) {
    expect(await countDeadLetters(dead, RUN)).toEqual({ ofRun: 2, ofNoRun: 1 });
  }
  expect(await bodiesIn(dead)).toHaveLength(4);
});

it('sends those of a run to the workers again, and leaves the others', async () => {
  expect(await redrive(dead, jobs, RUN)).toBe(2);
  expect((await bodiesIn(jobs)).sort()).toEqual([jobOf(RUN, 0), jobOf(RUN, 1)]);
  expect((await bodiesIn(dead)).sort()).toEqual(['poison', jobOf(OTHER, 0)].sort());
});

it('leaves those that it could not send', async () => {
  const broken: Queue = { ...jobs, name: 'jobs', send: () => Promise.reject(new Error('no')) };
  await expect(redrive(dead, broken, OTHER)).rejects.toThrow('no');
  expect(await countDeadLetters(dead, RUN)).toEqual({ ofRun: 2, ofNoRun: 1 });
});
