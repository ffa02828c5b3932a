import { describe, expect, it } from 'vitest';
import { IpcQueueService, serveQueues } from '../../lib/queue/ipc.ts';
import { LocalQueueService } from '../../lib/queue/local.ts';
import { channelPair } from './channel.ts';
import { describeQueues, drain } from './contract.ts';

const SETTINGS = { visibilityMs: 3_600_000 };

/** Queues in memory, and a client of them at the other end of a channel. */
function served() {
  const service = new LocalQueueService();
  const [here, there] = channelPair();
  serveQueues(service, here);
  return { service, here, there, client: new IpcQueueService(there) };
}

describeQueues(
  'IpcQueueService',
  async () => {
    const { client, there } = served();
    return { queues: client, close: async () => there.disconnect() };
  },
  { maxBytes: 3 << 20, shortMs: 50 },
);

describe('when a channel closes', () => {
  it('what its client holds goes to others at once; what it acknowledged does not', async () => {
    // Prepare
    const { service, there, client } = served();
    const queue = await service.create('q', SETTINGS);
    await queue.send([{ body: 'held' }, { body: 'done' }]);
    const deliveries = await drain(client.open('q'), 2);
    const done = deliveries.find(({ body }) => body === 'done');
    await client.open('q').acknowledge([done?.receipt ?? '']);
    // Act
    there.disconnect();
    // Assess
    expect(await drain(queue, 1)).toMatchObject([{ body: 'held', attempt: 2 }]);
    expect(await queue.receive({ max: 1, waitMs: 0 })).toEqual([]);
  });

  it('a message that its client still waited for goes to another', async () => {
    const { service, there, client } = served();
    const queue = await service.create('q', SETTINGS);
    void client.open('q').receive({ max: 1, waitMs: 3_600_000 });
    await client.list(''); // answered after the request above has arrived
    there.disconnect();
    await client.list('').catch(() => {}); // refused after the channel is closed
    await queue.send([{ body: 'x' }]);
    expect(await drain(queue, 1)).toMatchObject([{ body: 'x' }]);
    await service.remove('q');
  });

  it("what its client holds of a queue that is removed by now is no one else's trouble", async () => {
    const { service, there, client } = served();
    const queue = await service.create('q', SETTINGS);
    await queue.send([{ body: 'x' }]);
    await drain(client.open('q'), 1);
    await service.remove('q');
    there.disconnect();
    await expect(client.list('')).rejects.toThrow('closed');
  });

  it('a request fails instead of waiting for ever', async () => {
    const { there, client } = served();
    there.disconnect();
    await expect(client.create('q', SETTINGS)).rejects.toThrow('The channel is closed');
  });
});

describe('a channel that carries other messages too', () => {
  it('is not disturbed by them at either end', async () => {
    const { here, there, client } = served();
    for (const message of [null, 'text', { worker: 'ready' }, { queueRequest: 'x' }]) {
      here.emit('message', message);
      there.emit('message', message);
    }
    there.emit('message', { queueResponse: 99_999, value: 1 }); // an answer to nothing
    await client.create('q', SETTINGS);
    expect(await client.list('')).toEqual(['q']);
  });

  it('answers many requests at once, each with its own answer', async () => {
    const { client } = served();
    await Promise.all(['a', 'b', 'c'].map((name) => client.create(name, SETTINGS)));
    const answers = await Promise.all(['a', 'b', 'c', ''].map((prefix) => client.list(prefix)));
    expect(answers).toEqual([['a'], ['b'], ['c'], ['a', 'b', 'c']]);
  });

  it('tells the client what went wrong in the service', async () => {
    const service = new LocalQueueService();
    service.list = () => Promise.reject(new Error('no memory left'));
    const [here, there] = channelPair();
    serveQueues(service, here);
    await expect(new IpcQueueService(there).list('')).rejects.toThrow('no memory left');
  });
});
