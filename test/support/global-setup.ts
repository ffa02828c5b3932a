import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { launchLocalStack, type OwnLocalStack } from '../../localstack/start.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Whom a test file asks for the LocalStack that all share. */
    localStackBroker: string;
  }
}

/**
 * Before all test files: nothing is started, but whoever asks is told of one LocalStack, which is
 * started for the first who asks and ends with the test run.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let shared: Promise<OwnLocalStack> | undefined;
  const answer = async (response: ServerResponse): Promise<void> => {
    try {
      shared ??= launchLocalStack();
      const { endpoint, env } = await shared;
      response.end(JSON.stringify({ endpoint, env }));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  };
  const server = createServer((_request, response) => void answer(response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  project.provide('localStackBroker', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    server.close();
    server.closeAllConnections();
    await shared?.then(
      ({ stop }) => stop(),
      () => {},
    );
  };
}
