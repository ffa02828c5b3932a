import { readHead } from '../lib/run/record/head.ts';
import { runKeys } from '../lib/run/record/keys.ts';
import type { Store } from '../lib/store/store.ts';
import { decodeGenerator, encodeGenerator } from '../lib/wire/generator-file.ts';

const ENDING = '.safetensors';

/**
 * All files of tensors that a run has come to, by name: those of its last checkpoint, such as `D`,
 * `adam-D` and `ema-G`, `generator`, and `best` if it has scores. Generator files without their
 * run's id, so that runs of the same settings can be compared.
 */
export async function resultOf(store: Store, runId: string): Promise<Map<string, Uint8Array>> {
  const { checkpoint } = (await readHead(store, runId)).head;
  if (!checkpoint) throw new Error(`Run ${runId} has no checkpoint`);
  const prefix = runKeys.checkpoint(runId, checkpoint.iteration, checkpoint.epoch);
  const result = new Map<string, Uint8Array>();
  for (const { key } of await store.list(prefix)) {
    if (key.endsWith(ENDING)) result.set(nameOf(key), (await store.get(key)).bytes);
  }
  const generators = [runKeys.generator(runId), runKeys.best(runId)];
  for (const { key } of await store.list(runKeys.run(runId))) {
    if (!generators.includes(key)) continue;
    const file = decodeGenerator((await store.get(key)).bytes, key);
    if (!file) throw new Error(`${key} is no generator file`);
    result.set(nameOf(key), encodeGenerator({ ...file, runId: '' }));
  }
  return result;
}

function nameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1, -ENDING.length);
}
