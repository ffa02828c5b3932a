import { type Store, StoreUnavailableError } from '../lib/store/store.ts';
import type { Actor } from './actor.ts';
import type { MemoryObjects } from './memory-objects.ts';
import type { Scheduler } from './scheduler.ts';

/** Learns of every change of the store, just after it took effect. */
export interface StoreObserver {
  /** An actor tries to create an object; it may be there already. */
  creating(actor: Actor, key: string, bytes: Uint8Array): void;
  replaced(actor: Actor, key: string, bytes: Uint8Array): void;
  removed(actor: Actor, keys: readonly string[]): void;
}

/**
 * The store as an actor sees it: each operation waits for the scheduler.
 *
 * @param answerIsLost asked for each replacement: whether it is made, but seems to have failed
 */
export function simulatedStore(
  scheduler: Scheduler,
  objects: MemoryObjects,
  observer: StoreObserver,
  actor: Actor,
  answerIsLost: () => boolean,
): Store {
  const perform = <T>(what: string, key: string, effect: () => T): Promise<T> =>
    scheduler.perform(actor, { label: `${what} ${shortened(key)}`, effect });
  return {
    get: (key) => perform('get', key, () => objects.get(key)),
    create: (key, bytes) => {
      const copy = bytes.slice(); // the caller may write the next ones into the same memory
      return perform('create', key, () => {
        observer.creating(actor, key, copy);
        return objects.create(key, copy);
      });
    },
    replace: (key, bytes, etag) =>
      perform('replace', key, () => {
        const changed = objects.replace(key, bytes, etag);
        observer.replaced(actor, key, bytes);
        if (answerIsLost()) throw new StoreUnavailableError('The connection was cut');
        return changed;
      }),
    put: (key, bytes) =>
      perform('put', key, () => {
        objects.put(key, bytes);
        observer.replaced(actor, key, bytes);
      }),
    list: (prefix) => perform('list', prefix, () => objects.list(prefix)),
    remove: (keys) =>
      perform('remove', keys.map(shortened).join(' '), () => {
        objects.remove(keys);
        observer.removed(actor, keys);
      }),
  };
}

function shortened(key: string): string {
  return key.replace(/^runs\/[^/]+\//, '');
}
