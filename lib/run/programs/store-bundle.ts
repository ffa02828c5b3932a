import { bundleKeys } from '../../program/program-bundle.ts';
import { createUnlessThere } from '../../store/create-unless-there.ts';
import type { Store } from '../../store/store.ts';

/** Store a program file's bundle by its hash. One that is there and damaged is replaced. */
export async function storeBundle(
  store: Store,
  { sha256, bytes }: { readonly sha256: string; readonly bytes: Uint8Array },
): Promise<void> {
  const key = bundleKeys.bundle(sha256);
  if (await createUnlessThere(store, key, bytes)) return;
  const there = await store.get(key);
  if (Buffer.compare(there.bytes, bytes) !== 0) await store.replace(key, bytes, there.etag);
}
