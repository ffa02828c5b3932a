import { expect, it } from 'vitest';
import { runKeys } from '../../lib/run/keys.ts';
import { roundOf } from '../../lib/wire/messages.ts';
import { gradientJob, sampleJob } from '../wire/messages.ts';

it("gives the answers to a sample grid's job and to a step's of the same number keys of their own", () => {
  const rounds = [
    roundOf(gradientJob({ step: 2, shard: 0 })),
    roundOf(sampleJob({ iteration: 2 })),
  ];
  const keys = rounds.map(({ round, index }) => runKeys.gradient('r', round, index, 1, '1.1'));
  expect(new Set(keys).size).toBe(2);
});
