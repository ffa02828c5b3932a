import { ObjectExistsError, type Store, type WriteOptions } from './store.ts';

/**
 * Write an object unless there is one of its key: for those whose key says what is in them, or that
 * are made again to the same bytes.
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
