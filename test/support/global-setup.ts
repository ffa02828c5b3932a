import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { launchLocalStack, type OwnLocalStack } from '../../localstack/start.ts';
import { StackLender } from './stack-lender.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Whom a test file asks for the LocalStack that all share. */
    localStackBroker: string;
  }
}

/**
 * Before all test files: nothing is started, but whoever asks is told of one LocalStack, or lent one
 * stack on it, which are started for the first who asks and end with the test run.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let shared: Promise<OwnLocalStack> | undefined;
  const localStack = (): Promise<OwnLocalStack> => {
    shared ??= launchLocalStack();
    return shared;
  };
  const lender = new StackLender(async () => ({ ...(await localStack()), stop: async () => {} }));
  const answer = async (url: string | undefined, response: ServerResponse): Promise<void> => {
    try {
      if (url === '/stack') return await lender.lend(response);
      const { endpoint, env } = await localStack();
      response.end(JSON.stringify({ endpoint, env }));
    } catch (error) {
      response.writeHead(500).end(`${error}\n`);
    }
  };
  const server = createServer(({ url }, response) => void answer(url, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  project.provide('localStackBroker', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    server.close();
    server.closeAllConnections();
    await lender.dispose();
    await shared?.then(
      ({ stop }) => stop(),
      () => {},
    );
  };
}
