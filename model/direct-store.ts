import type { Store } from '../lib/store/store.ts';
import type { MemoryObjects } from './memory-objects.ts';

/** Objects in memory as a store that does everything at once. */
export function directStore(objects: MemoryObjects): Store {
  return {
    get: async (key) => objects.get(key),
    create: async (key, bytes) => objects.create(key, bytes.slice()),
    replace: async (key, bytes, etag) => objects.replace(key, bytes.slice(), etag),
    put: async (key, bytes) => void objects.put(key, bytes.slice()),
    list: async (prefix) => objects.list(prefix),
    remove: async (keys) => objects.remove(keys),
  };
}
