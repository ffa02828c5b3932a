import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { splitHint } from '../../lib/cloud/refusal.ts';

let invoke: (event: unknown) => Promise<unknown>;
beforeAll(async () => {
  vi.stubEnv('LAMBDUEL_BUCKET', 'no-bucket');
  vi.stubEnv('LAMBDUEL_QUEUE_PREFIX', 'p-');
  vi.stubEnv('LAMBDUEL_JOB_QUEUE_URL', 'http://localhost:1/jobs');
  vi.stubEnv('LAMBDUEL_WORKER_BACKEND', 'wasm');
  vi.stubEnv('LAMBDUEL_STACK', 'Test');
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://localhost:1'); // nobody answers: it is not to be asked
  const { handler } = await import('../../functions/coordinator.ts');
  invoke = (event) => handler(event, { functionName: 'coordinator' } as Context);
});
afterAll(() => void vi.unstubAllEnvs());

describe('the coordinator function refuses, before it looks at the store,', () => {
  it.each([
    [
      { shards: 999, batch: 4 },
      'shards (999) must not be more than the batch has examples (4)',
      'Ask for fewer shards, or for a larger batch.',
    ],
    [
      { quorum: 3 },
      'quorum (3) must not be more than there are shards (2)',
      'Ask for a smaller quorum, or for more shards.',
    ],
    [
      { threads: 2 },
      'threads 2: the workers of this stack have 1',
      'Leave it out, or deploy the stack with the context value `threads`.',
    ],
    [
      { batch: 0 },
      'The trigger is not valid: batch 0: must be at least 1',
      'A trigger is a JSON object as {"action": "train", "preset": "digits", "iterations": 500}.',
    ],
  ])('%j, in one sentence and a hint', async (settings, message, hint) => {
    const error: Error = await invoke({ action: 'train', ...settings }).then(
      () => new Error('it was not refused'),
      (refusal) => refusal,
    );

    expect(splitHint(error.message)).toEqual({ message, hint });
    expect(error.name).toBe('UsageError');
  });
});
