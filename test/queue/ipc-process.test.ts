import { once } from 'node:events';
import { expect, it } from 'vitest';
import { serveQueues } from '../../lib/queue/ipc.ts';
import { LocalQueueService } from '../../lib/queue/local.ts';
import type { Delivery } from '../../lib/queue/queue.ts';
import { kill, testProcesses } from '../support/processes.ts';
import { drain } from './contract.ts';

const start = testProcesses();
const CONSUMER = new URL('./consumer-process.ts', import.meta.url);

it('brings a message, bytes and all, to another process, and back at once when that is killed', async () => {
  // Prepare: a message that would stay hidden for an hour
  const service = new LocalQueueService();
  const queue = await service.create('jobs', { visibilityMs: 3_600_000 });
  const payload = new Uint8Array(1_400_000).map((_, i) => i % 253);
  await queue.send([{ body: 'job', payload }]);
  const consumer = start(CONSUMER, 'jobs');
  serveQueues(service, consumer);
  const got = await messageWith(consumer, 'got');
  expect(got).toMatchObject({ body: 'job', attempt: 1 });
  expect(Buffer.compare(got.payload as Uint8Array, payload)).toBe(0);
  expect(await queue.receive({ max: 1, waitMs: 0 })).toEqual([]);
  // Act
  await kill(consumer);
  // Assess
  const [again] = await drain(queue, 1);
  expect(again).toMatchObject({ body: 'job', attempt: 2 });
  expect(Buffer.compare(again?.payload as Uint8Array, payload)).toBe(0);
});

/** A process's next message that is not the queues' own. */
async function messageWith(consumer: ReturnType<typeof start>, key: string): Promise<Delivery> {
  for (;;) {
    const [message] = (await once(consumer, 'message')) as [Record<string, unknown>];
    if (key in message) return message[key] as Delivery;
  }
}
