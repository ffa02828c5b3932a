import { randomInt } from 'node:crypto';
import { inject } from 'vitest';
import type { LocalStack } from '../../localstack/start.ts';

/** Long enough to install LocalStack first. */
export const START_MS = 300_000;

/**
 * The LocalStack that all test files share, with an account of its own for this file: LocalStack
 * takes an access key of 12 digits for an account, and nothing that others make is seen. It is stopped
 * after the last file.
 */
export async function sharedLocalStack(): Promise<LocalStack> {
  const { endpoint, env, stop } = await defaultAccount();
  const AWS_ACCESS_KEY_ID = `${100_000_000_000 + randomInt(2 ** 32)}`;
  return { endpoint, env: { ...env, AWS_ACCESS_KEY_ID }, stop };
}

/**
 * The shared LocalStack with its default account, which cdklocal deploys to and functions call AWS as,
 * whatever they are told. A file that makes queues there is the only one that does.
 */
export async function defaultAccount(): Promise<LocalStack> {
  const response = await fetch(inject('localStackBroker'));
  if (!response.ok) throw new Error(await response.text());
  const { endpoint, env } = (await response.json()) as Omit<LocalStack, 'stop'>;
  return { endpoint, env, stop: async () => {} };
}
