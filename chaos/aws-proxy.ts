import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AwsAnswer, type AwsCall, callOf } from './aws-call.ts';

/** Hands a request on, with this body instead of its own where one is given. */
export type Forward = (body?: Buffer) => Promise<AwsAnswer>;

/** What is done with a request. @returns undefined to close the connection without an answer */
export type Handle = (call: AwsCall, forward: Forward) => Promise<AwsAnswer | undefined>;

/** A server between the functions and AWS. */
export class AwsProxy {
  /** Its own, which is told from others' when it is closed, too. */
  endpoint = '';
  readonly #agent = new Agent({ keepAlive: true });
  readonly #target: URL;
  readonly #handle: Handle;
  readonly #server = createServer((incoming, outgoing) => {
    this.#serve(incoming, outgoing).catch(() => outgoing.destroy());
  });

  private constructor(endpoint: string, handle: Handle) {
    this.#target = new URL(endpoint);
    this.#handle = handle;
  }

  static async start(endpoint: string, handle: Handle): Promise<AwsProxy> {
    const proxy = new AwsProxy(endpoint, handle);
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening');
    proxy.endpoint = `http://127.0.0.1:${(proxy.#server.address() as AddressInfo).port}`;
    return proxy;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
    this.#agent.destroy();
  }

  /** Begin to hand a request on, and close the connection in the middle of it. */
  async tear({ method, url, headers, body }: AwsCall): Promise<void> {
    const { hostname, port } = this.#target;
    const torn = request({ hostname, port, method, path: url, headers });
    torn.on('error', () => {});
    torn.write(body.subarray(0, body.length / 2));
    await new Promise((resolve) => torn.once('socket', resolve));
    setTimeout(() => torn.destroy(), 50);
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const gone = new AbortController();
    outgoing.on('close', () => gone.abort()); // as when a function ends while it waits
    const { method = 'GET', url = '/', headers } = incoming;
    const call = callOf(method, url, headers, await bytesOf(incoming));
    const answer = await this.#handle(call, (body = call.body) =>
      this.#forward(call, body, gone.signal),
    );
    if (!answer) {
      outgoing.destroy();
      return;
    }
    const { 'transfer-encoding': _, connection: __, ...others } = answer.headers;
    const length = method === 'HEAD' ? others['content-length'] : answer.body.length;
    outgoing.writeHead(answer.status, { ...others, 'content-length': length ?? 0 });
    outgoing.end(answer.body);
  }

  async #forward(call: AwsCall, body: Buffer, signal: AbortSignal): Promise<AwsAnswer> {
    const { hostname, port } = this.#target;
    const { 'transfer-encoding': _, ...others } = call.headers;
    const headers = { ...others, 'content-length': body.length };
    const options = { hostname, port, method: call.method, path: call.url, agent: this.#agent };
    const forwarded = request({ ...options, headers, signal });
    forwarded.end(body);
    const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
    return {
      status: answer.statusCode ?? 502,
      headers: answer.headers,
      body: await bytesOf(answer),
    };
  }
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
