import { expect, it } from 'vitest';
import { runKeys } from '../../lib/run/record/keys.ts';
import { gradientJob, sampleJob } from '../../support/messages.ts';

it('names an answer by step, shard, epoch and attempt', () => {
  const job = gradientJob({ step: 2, shard: 1, epoch: 3 });
  const expected = `runs/${job.runId}/gradients/2/1-e3-1.2.safetensors`;
  expect(runKeys.answer(job, '1.2')).toBe(expected);
});

it("keeps a sample grid's answer apart from that of a step of the same number", () => {
  const keys = [gradientJob({ step: 2, shard: 0 }), sampleJob({ iteration: 2 })];
  expect(new Set(keys.map((job) => runKeys.answer(job, '1.1'))).size).toBe(2);
});
