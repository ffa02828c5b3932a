import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidKeyError, ObjectNotFoundError, type Store } from '../../lib/store/store.ts';

const NAME_CHARACTERS = [...'abcXYZ019._-'];

/** A name of a key: it does not begin with a dot. */
const name = fc
  .string({ unit: fc.constantFrom(...NAME_CHARACTERS), minLength: 1, maxLength: 12 })
  .filter((text) => !text.startsWith('.'));

/** Names that no key may have. */
const badName = fc.oneof(
  fc.constantFrom('', '.', '..', '.hidden', 'a b', 'a\\b', 'C:', 'a\0', 'ä', '~', 'a%2fb', 'a\nb'),
  fc.constant('n'.repeat(201)),
);

/** Keys with one name that may not be in any place. */
const badKey = fc
  .tuple(fc.array(name, { maxLength: 3 }), badName, fc.array(name, { maxLength: 3 }))
  .map(([before, bad, after]) => [...before, bad, ...after].join('/'));

/** The part of a store's contract that is about keys: listing, removing, and what no key may be. */
export function describeKeys(opened: () => Store): void {
  const one = Uint8Array.of(1);

  describe('listing', () => {
    it('gives keys and sizes in the order of the keys, also from the middle of a name', async () => {
      const store = opened();
      for (const [i, key] of ['b', 'a/2', 'a/10', 'ab', 'a-b', 'a/1/x', 'B'].entries()) {
        await store.put(`list/${key}`, new Uint8Array(i));
      }
      const keys = async (prefix: string) => (await store.list(prefix)).map(({ key }) => key);
      expect(await store.list('list/')).toEqual([
        { key: 'list/B', size: 6 },
        { key: 'list/a-b', size: 4 },
        { key: 'list/a/1/x', size: 5 },
        { key: 'list/a/10', size: 2 },
        { key: 'list/a/2', size: 1 },
        { key: 'list/ab', size: 3 },
        { key: 'list/b', size: 0 },
      ]);
      expect(await keys('list/a')).toEqual(
        ['a-b', 'a/1/x', 'a/10', 'a/2', 'ab'].map((key) => `list/${key}`),
      );
      expect(await keys('list/a/1')).toEqual(['list/a/1/x', 'list/a/10']);
      expect(await keys('list/a/1/')).toEqual(['list/a/1/x']);
      expect(await keys('list/a/2')).toEqual(['list/a/2']);
      expect(await keys('lis')).toEqual(await keys('list/'));
      expect(await keys('')).toEqual(expect.arrayContaining(await keys('list/')));
    });

    it.each(['nothing/', 'nothing', 'list/a/2/', 'list/zzz'])(
      'finds nothing below %s',
      async (prefix) => {
        await opened().put('list/a/2', one);
        expect(await opened().list(prefix)).toEqual([]);
      },
    );

    it('shows an object only when it can be read, and no more when it is removed', async () => {
      const store = opened();
      await store.create('list-now/x', one);
      expect(await store.list('list-now/')).toEqual([{ key: 'list-now/x', size: 1 }]);
      await store.remove(['list-now/x']);
      expect(await store.list('list-now/')).toEqual([]);
    });
  });

  describe('removing', () => {
    it('removes each object that is named, and no other', async () => {
      const store = opened();
      for (const key of ['a', 'b', 'ab', 'c/d']) await store.put(`remove/${key}`, one);
      await store.remove(['remove/a', 'remove/c/d']);
      const left = (await store.list('remove/')).map(({ key }) => key);
      expect(left).toEqual(['remove/ab', 'remove/b']);
      await expect(store.get('remove/a')).rejects.toThrow(ObjectNotFoundError);
    });

    it('takes no offence at objects that are not there, or twice, or none at all', async () => {
      const store = opened();
      await store.put('remove-none/x/y', one);
      await store.remove([]);
      await store.remove(['remove-none/a', 'remove-none/a', 'remove-none/b/c']);
      await store.remove(['remove-none/x', 'remove-none/x/y/z']); // a beginning of keys; below an object
      expect(await store.list('remove-none/')).toHaveLength(1);
    });
  });

  describe('keys', () => {
    it('may be any plain names joined by slashes, for every operation', async () => {
      const store = opened();
      await fc.assert(
        fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 4 }), async (names) => {
          const key = ['keys', ...names.map((part, i) => `${i}${part}`), 'end'].join('/');
          await store.put(key, one);
          const { etag } = await store.get(key);
          await store.replace(key, Uint8Array.of(2), etag);
          expect(await store.list(key)).toEqual([{ key, size: 1 }]);
          await store.remove([key]);
        }),
        { numRuns: 30 },
      );
    });

    it('may have 512 characters, in names of up to 200', async () => {
      const store = opened();
      const key = `${'n'.repeat(200)}/${'m'.repeat(200)}/${'o'.repeat(110)}`;
      expect(key).toHaveLength(512);
      const etag = await store.create(key, one);
      await store.replace(key, Uint8Array.of(2), etag);
      expect(await store.list(key)).toEqual([{ key, size: 1 }]);
      await expect(store.put(`${key}p`, one)).rejects.toThrow(InvalidKeyError);
    });

    it('are refused by every operation where they could mean anything else', async () => {
      const store = opened();
      const keys = fc.oneof(
        badKey,
        badKey.map((key) => `/${key}`),
      );
      await fc.assert(
        fc.asyncProperty(keys, async (key) => {
          await expect(store.get(key)).rejects.toThrow(InvalidKeyError);
          await expect(store.create(key, one)).rejects.toThrow(InvalidKeyError);
          await expect(store.put(key, one)).rejects.toThrow(InvalidKeyError);
          await expect(store.replace(key, one, 'x')).rejects.toThrow(InvalidKeyError);
          await expect(store.remove([key])).rejects.toThrow(InvalidKeyError);
          await expect(store.list(`${key}/`)).rejects.toThrow(InvalidKeyError);
        }),
      );
    });
  });
}
