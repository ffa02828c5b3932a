import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { LocalStackError } from './errors.ts';

/**
 * A port of the loopback interface that nobody listens on.
 *
 * @param wanted 0 for any
 * @throws LocalStackError when the wanted one is taken
 */
export async function freePort(wanted: number): Promise<number> {
  const server = createServer().listen(wanted, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new LocalStackError(`LocalStack cannot listen on port ${wanted}.`, {
      hint: 'Choose another one with --port, or set AWS_ENDPOINT_URL to the LocalStack that runs there.',
      cause,
    });
  }
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
