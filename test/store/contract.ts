import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ObjectChangedError,
  ObjectExistsError,
  ObjectNotFoundError,
  type Store,
} from '../../lib/store/store.ts';
import { describeKeys } from './contract-keys.ts';

/** A store to test, empty at first, and how to let go of it. */
export interface OpenStore {
  readonly store: Store;
  readonly close: () => Promise<void>;
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/**
 * What every store has to do, whatever it is kept in. The tests share one store and keep to prefixes
 * of their own.
 */
export function describeStore(name: string, open: () => Promise<OpenStore>): void {
  describe(`${name} keeps the contract of a store:`, () => {
    let store: Store;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ store, close } = await open());
    });
    afterAll(() => close());

    const read = async (key: string) => textOf((await store.get(key)).bytes);

    describe('reading', () => {
      it('gives back any bytes: none, all values, 3 MB', async () => {
        const all = Uint8Array.from({ length: 256 }, (_, i) => i);
        const big = new Uint8Array(3 << 20).map((_, i) => i * 7 + (i >> 9));
        for (const [name, bytes] of Object.entries({ none: new Uint8Array(), all, big })) {
          await store.create(`bytes/${name}`, bytes);
          const object = await store.get(`bytes/${name}`);
          expect(Buffer.compare(object.bytes, bytes), name).toBe(0);
        }
      });

      it('tells what is not there, by key, and what is only the beginning of keys', async () => {
        await store.put('absent/folder/object', bytesOf('x'));
        for (const key of ['absent/other', 'absent/folder', 'absent/folder/object/below']) {
          await expect(store.get(key)).rejects.toThrowError(
            expect.objectContaining({ name: 'ObjectNotFoundError', key }) as ObjectNotFoundError,
          );
        }
      });

      it("tells an object's age: none at all, or the moments since it was written", async () => {
        await store.put('age/object', bytesOf('x'));
        const { ageMs } = await store.get('age/object');
        expect(ageMs).toBeGreaterThanOrEqual(0);
        expect(ageMs).toBeLessThan(60_000);
      });
    });

    describe('creating', () => {
      it('lets one of 20 win that create the same object at once', async () => {
        const results = await atOnce(20, (i) => store.create('create/race', bytesOf(`by ${i}`)));
        expect(results.winners).toHaveLength(1);
        expect(results.errors.every((error) => error instanceof ObjectExistsError)).toBe(true);
        expect(await read('create/race')).toBe(`by ${results.winners[0]}`);
      });

      it('leaves an object alone that is there', async () => {
        await store.create('create/once', bytesOf('first'));
        const act = store.create('create/once', bytesOf('second'), { transient: true });
        await expect(act).rejects.toThrow(ObjectExistsError);
        expect(await read('create/once')).toBe('first');
      });

      it('takes a key again after it was removed', async () => {
        await store.create('create/again', bytesOf('first'));
        await store.remove(['create/again']);
        await store.create('create/again', bytesOf('second'));
        expect(await read('create/again')).toBe('second');
      });
    });

    describe('replacing', () => {
      it('takes the ETag that creating gave, and the one that replacing gave', async () => {
        const created = await store.create('replace/chain', bytesOf('1'));
        const replaced = await store.replace('replace/chain', bytesOf('2'), created);
        await store.replace('replace/chain', bytesOf('3'), replaced);
        expect(await read('replace/chain')).toBe('3');
      });

      it('gives the ETag that reading gives', async () => {
        const created = await store.create('replace/etag', bytesOf('1'));
        expect((await store.get('replace/etag')).etag).toBe(created);
        const replaced = await store.replace('replace/etag', bytesOf('2'), created);
        expect((await store.get('replace/etag')).etag).toBe(replaced);
      });

      it('lets one of 20 win that replace what they all have read', async () => {
        const etag = await store.create('replace/race', bytesOf('0'));
        const results = await atOnce(20, (i) =>
          store.replace('replace/race', bytesOf(`by ${i}`), etag),
        );
        expect(results.winners).toHaveLength(1);
        expect(results.errors.every((error) => error instanceof ObjectChangedError)).toBe(true);
        expect(await read('replace/race')).toBe(`by ${results.winners[0]}`);
      });

      it('refuses an ETag that has been replaced', async () => {
        const stale = await store.create('replace/stale', bytesOf('1'));
        await store.replace('replace/stale', bytesOf('2'), stale);
        const act = store.replace('replace/stale', bytesOf('3'), stale);
        await expect(act).rejects.toThrow(ObjectChangedError);
        expect(await read('replace/stale')).toBe('2');
      });

      it('refuses an object that is not there (any more), and makes none', async () => {
        const etag = await store.create('replace/gone', bytesOf('1'));
        await store.remove(['replace/gone']);
        for (const key of ['replace/gone', 'replace/never']) {
          await expect(store.replace(key, bytesOf('2'), etag)).rejects.toThrow(ObjectChangedError);
          await expect(store.get(key)).rejects.toThrow(ObjectNotFoundError);
        }
      });

      it('changes the ETag with each of 50 quick changes of the same size', async () => {
        let etag = await store.create('replace/quick', bytesOf('00'));
        const seen = new Set([etag]);
        for (let i = 1; i <= 50; i++) {
          etag = await store.replace('replace/quick', bytesOf(`${i}`.padStart(2, '0')), etag);
          seen.add(etag);
        }
        expect(seen.size).toBe(51);
      });
    });

    it('puts an object over whatever was there', async () => {
      await store.put('put/object', bytesOf('a longer text'));
      const before = await store.get('put/object');
      await store.put('put/object', bytesOf('short'));
      const after = await store.get('put/object');
      expect(textOf(after.bytes)).toBe('short');
      expect(after.etag).not.toBe(before.etag);
    });

    it('never shows a reader a part of one object and a part of another', async () => {
      // Prepare: two contents of different lengths, each of one byte only
      const contents = [new Uint8Array(200_000).fill(1), new Uint8Array(300_000).fill(2)] as const;
      await store.put('torn/object', contents[0]);
      let writing = true;
      let reads = 0;
      const readAll = async () => {
        while (writing) {
          const { bytes } = await store.get('torn/object');
          expect(Buffer.compare(bytes, contents[bytes[0] === 1 ? 0 : 1])).toBe(0);
          reads++;
          await turn(); // a store that reads without waiting would let no writer in
        }
      };
      // Act
      const readers = [readAll(), readAll(), readAll()];
      for (let i = 1; i <= 30; i++) await store.put('torn/object', contents[i % 2 === 0 ? 0 : 1]);
      writing = false;
      await Promise.all(readers);
      // Assess
      expect(reads).toBeGreaterThan(10);
    });

    describeKeys(() => store);
  });
}

/** Do something `count` times at once. @returns who did it, and the errors of the others */
async function atOnce(count: number, action: (i: number) => Promise<unknown>) {
  const results = await Promise.allSettled(Array.from({ length: count }, (_, i) => action(i)));
  const winners = results.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []));
  const errors: unknown[] = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason] : [],
  );
  return { winners, errors };
}
