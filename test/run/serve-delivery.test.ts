import { expect, it } from 'vitest';
import { LocalQueueService } from '../../lib/queue/local.ts';
import { serveAndAcknowledge } from '../../lib/run/worker/serve-delivery.ts';

it('a message that is no job comes to a worker a few times, and then no more', async () => {
  const queues = new LocalQueueService();
  const dropped: string[] = [];
  const jobs = await queues.create('jobs', {
    visibilityMs: 3_600_000,
    maxDeliveries: 3,
    onDropped: ({ body }) => dropped.push(body),
  });
  await jobs.send([{ body: 'no job' }]);
  const retry = { delayMs: () => 0, isOver: () => true };
  const worker = () => Promise.reject(new Error('No job is done'));

  const attempts: number[] = [];
  for (;;) {
    const [delivery] = await jobs.receive({ max: 1, waitMs: 0 });
    if (!delivery) break;
    attempts.push(delivery.attempt);
    await serveAndAcknowledge({ queues, jobs, retry, worker }, delivery);
  }

  expect([attempts, dropped]).toEqual([[1, 2, 3], ['no job']]);
});
