import { describe, expect, it } from 'vitest';
import { QueueNotFoundError, type QueueService } from '../../lib/queue/queue.ts';

const SETTINGS = { visibilityMs: 3_600_000 };

/** The part of the queues' contract that is about which queues there are. */
export function describeQueueNames(opened: () => QueueService): void {
  describe('a queue', () => {
    const operations: Record<string, (queues: QueueService, name: string) => Promise<unknown>> = {
      send: (queues, name) => queues.open(name).send([{ body: 'x' }]),
      receive: (queues, name) => queues.open(name).receive({ max: 1, waitMs: 0 }),
      acknowledge: (queues, name) => queues.open(name).acknowledge(['x']),
      extend: (queues, name) => queues.open(name).extend('x', 0),
    };

    it.each(Object.keys(operations))(
      'that does not exist refuses to %s, by its name',
      async (name) => {
        const act = operations[name]?.(opened(), 'test-unknown');
        const error: unknown = await act?.catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(QueueNotFoundError);
        expect(error).toMatchObject({ queue: 'test-unknown', name: 'QueueNotFoundError' });
      },
    );

    it('is known by its name, and the same wherever it is opened', async () => {
      const queues = opened();
      const created = await queues.create('test-same', SETTINGS);
      expect([created.name, queues.open('test-same').name]).toEqual(['test-same', 'test-same']);
      await queues.open('test-same').send([{ body: 'x' }]);
      expect(await created.receive({ max: 1, waitMs: 10_000 })).toMatchObject([{ body: 'x' }]);
    });

    it('keeps its messages when it is created again', async () => {
      const queues = opened();
      const first = await queues.create('test-twice', SETTINGS);
      await first.send([{ body: 'kept' }]);
      const second = await queues.create('test-twice', SETTINGS);
      expect(await second.receive({ max: 1, waitMs: 10_000 })).toMatchObject([{ body: 'kept' }]);
    });

    it('is gone with its messages when it is removed, and may be removed twice', async () => {
      const queues = opened();
      const queue = await queues.create('test-removed', SETTINGS);
      await queue.send([{ body: 'x' }, { body: 'y' }]);
      const [held] = await queue.receive({ max: 1, waitMs: 10_000 });
      await queues.remove('test-removed');
      await queues.remove('test-removed');
      const act = queue.receive({ max: 1, waitMs: 0 });
      await expect(act).rejects.toThrow(QueueNotFoundError);
      await expect(queue.acknowledge([held?.receipt ?? ''])).rejects.toThrow(QueueNotFoundError);
      expect(await queues.list('test-removed')).toEqual([]);
    });

    it('is listed by the beginning of its name', async () => {
      const queues = opened();
      for (const name of ['list-b', 'list-a1', 'list-a', 'other-list-a']) {
        await queues.create(name, SETTINGS);
      }
      expect(await queues.list('list-')).toEqual(['list-a', 'list-a1', 'list-b']);
      expect(await queues.list('list-a')).toEqual(['list-a', 'list-a1']);
      expect(await queues.list('list-nothing')).toEqual([]);
      expect(await queues.list('')).toEqual(expect.arrayContaining(['list-a', 'other-list-a']));
    });
  });
}
