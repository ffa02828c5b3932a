import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { inject } from 'vitest';
import type { DeployedStack } from '../../localstack/deployed-stack.ts';

/**
 * The stack that test files share, on the shared LocalStack, for this file alone until it disposes of
 * it: another file that asks waits for so long. Whoever has changed it leaves it as it was.
 */
export async function sharedStack(): Promise<DeployedStack> {
  const request = get(`${inject('localStackBroker')}/stack`);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const [line] = (await once(createInterface(response), 'line')) as [string];
  if (response.statusCode !== 200) throw new Error(line);
  const { localStack, outputs } = JSON.parse(line) as Omit<DeployedStack, 'dispose'>;
  const dispose = async () => void response.destroy();
  return { localStack: { ...localStack, stop: async () => {} }, outputs, dispose };
}
