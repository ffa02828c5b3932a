import { it } from 'vitest';
import { EXPLORATION_TIMEOUT_MS, expectHolds } from '../../model/expect-holds.ts';

it('finds no violation in 1,000 others', { timeout: EXPLORATION_TIMEOUT_MS }, async () => {
  await expectHolds(2);
});
