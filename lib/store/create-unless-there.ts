import { ObjectExistsError, type Store, type WriteOptions } from './store.ts';

/**
 * Write an object unless one with its key exists. For objects whose key identifies their content,
 * or that are made again with the same bytes.
 *
 * @returns whether it was written
 */
export async function createUnlessThere(
  store: Store,
  key: string,
  bytes: Uint8Array,
  options?: WriteOptions,
): Promise<boolean> {
  try {
    await store.create(key, bytes, options);
    return true;
  } catch (error) {
    if (error instanceof ObjectExistsError) return false;
    throw error;
  }
}
