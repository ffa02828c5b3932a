import { expect, it } from 'vitest';
import { parseResidentTask } from '../../lib/cloud/serve-residently.ts';
import { UsageError } from '../../lib/errors.ts';
import { jobQueue } from '../../lib/run/record/keys.ts';

const TASK = { queue: jobQueue('20260131-235959-0a1b', 3), worker: '0.1' };

it('a resident worker is started with its queue and its name', () => {
  expect(parseResidentTask(TASK)).toEqual(TASK);
});

it.each([
  [null, 'it must be an object'],
  [{ ...TASK, queue: 'orders' }, "queue orders: must be the name of a run's job queue"],
  [{ ...TASK, queue: 'replies-20260131-235959-0a1b-e3' }, 'queue replies-20260131'],
  [{ ...TASK, queue: 'https://elsewhere/jobs-20260131-235959-0a1b-e3' }, 'queue https://else'],
  [{ ...TASK, worker: 'x'.repeat(1e6) }, 'worker xxx'],
  [{ ...TASK, worker: undefined }, 'worker is missing'],
  [{ ...TASK, more: 1 }, 'more: unknown setting'],
])('an invocation with %j is refused', (event, reason) => {
  const parsing = () => parseResidentTask(event);
  expect(parsing).toThrow(UsageError);
  expect(parsing).toThrow(`The invocation is not valid: ${reason}`);
});
