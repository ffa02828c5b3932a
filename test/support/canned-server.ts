import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface CannedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** What a server answers; 'hang up': it takes the request, and closes the connection instead. */
export type Answer =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array;
      /** Close the connection after so many bytes of the body. */
      readonly breakAfter?: number;
    }
  | 'hang up'
  | 'say nothing';

/** A web server on this machine with answers that are made up: those that no LocalStack gives. */
export class CannedServer {
  /** Those that came since the answers were set. */
  requests: CannedRequest[] = [];
  #respond: (request: CannedRequest) => Answer = () => ({ status: 599 });
  readonly #server = createServer((request, response) => this.#serve(request, response));

  static async start(): Promise<CannedServer> {
    const server = new CannedServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Answer from now on by a function. */
  respond(respond: (request: CannedRequest) => Answer): void {
    this.requests = [];
    this.#respond = respond;
  }

  /** Answer from now on with these, one after the other; the last one for ever. */
  inTurn(...answers: [Answer, ...Answer[]]): void {
    let turn = 0;
    this.respond(() => answers[Math.min(turn++, answers.length - 1)] as Answer);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = incoming;
    const request = { method, path: url, headers, body: await buffer(incoming) };
    this.requests.push(request);
    const answer = this.#respond(request);
    if (answer === 'say nothing') return;
    if (answer === 'hang up') {
      incoming.socket.destroy();
      return;
    }
    const body = Buffer.from(answer.body ?? '');
    response.sendDate = false;
    response.writeHead(answer.status, { 'content-length': `${body.length}`, ...answer.headers });
    if (answer.breakAfter === undefined) response.end(body);
    else response.write(body.subarray(0, answer.breakAfter), () => incoming.socket.destroy());
  }
}

/** Credentials, region and endpoint for a client of such a server. */
export function clientOf(server: CannedServer) {
  return {
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
}
