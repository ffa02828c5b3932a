import { inject } from 'vitest';
import type { LocalStack } from '../../localstack/start.ts';

/** Long enough to install LocalStack first. */
export const START_MS = 300_000;

/**
 * The LocalStack that all test files share, with an account of its own for this file: nothing that
 * others make is seen. It is stopped after the last file.
 */
export async function sharedLocalStack(): Promise<LocalStack> {
  const response = await fetch(inject('localStackBroker'));
  if (!response.ok) throw new Error(await response.text());
  const { endpoint, env } = (await response.json()) as Omit<LocalStack, 'stop'>;
  return { endpoint, env, stop: async () => {} };
}
