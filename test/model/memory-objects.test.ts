import { setImmediate as turn } from 'node:timers/promises';
import { directStore } from '../../model/direct-store.ts';
import { MemoryObjects } from '../../model/memory-objects.ts';
import { storeWith } from '../../support/fixtures.ts';
import { describeStore } from '../store/contract.ts';

describeStore("The model's store", async () => {
  const direct = directStore(new MemoryObjects(() => 0));
  const store = storeWith(direct, {
    put: async (...args) => {
      await turn(); // others get in between
      await direct.put(...args);
    },
  });
  return { store, close: async () => {} };
});
