import { it } from 'vitest';
import { expectCaught } from '../../model/expect-caught.ts';
import { MemoryObjects } from '../../model/memory-objects.ts';

/** A store that replaces an object whatever it has become. */
class Careless extends MemoryObjects {
  override replace(key: string, bytes: Uint8Array): string {
    return this.put(key, bytes);
  }
}

it('catches a commit without compare-and-swap', async () => {
  await expectCaught(/moved the head although/, { Objects: Careless });
});
