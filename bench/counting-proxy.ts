import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Requests of one kind, and the bytes of their bodies. */
export interface Traffic {
  requests: number;
  bytesSent: number;
  bytesReceived: number;
}

/** A server that hands requests on to an endpoint of AWS, and counts them by kind. */
export class CountingProxy {
  readonly #server = createServer((incoming, outgoing) => this.#forward(incoming, outgoing));
  readonly #agent = new Agent({ keepAlive: true });
  readonly #target: URL;
  #counts = new Map<string, Traffic>();

  private constructor(endpoint: string) {
    this.#target = new URL(endpoint);
  }

  static async start(endpoint: string): Promise<CountingProxy> {
    const proxy = new CountingProxy(endpoint);
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What has been counted since the last call. */
  take(): ReadonlyMap<string, Traffic> {
    const counts = this.#counts;
    this.#counts = new Map();
    return counts;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
    this.#agent.destroy();
  }

  #forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method, url = '/', headers } = incoming;
    const traffic = this.#trafficOf(kindOf(method ?? '', url, headers['x-amz-target']));
    traffic.requests++;
    const { hostname, port } = this.#target;
    const forwarded = request(
      { hostname, port, method, path: url, headers, agent: this.#agent },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.on('data', (chunk: Buffer) => {
          traffic.bytesReceived += chunk.length;
        });
        answer.pipe(outgoing);
      },
    );
    forwarded.on('error', () => outgoing.destroy());
    outgoing.on('close', () => forwarded.destroy()); // as when a function ends while it waits
    incoming.on('data', (chunk: Buffer) => {
      traffic.bytesSent += chunk.length;
    });
    incoming.pipe(forwarded);
  }

  #trafficOf(kind: string): Traffic {
    const traffic = this.#counts.get(kind) ?? { requests: 0, bytesSent: 0, bytesReceived: 0 };
    this.#counts.set(kind, traffic);
    return traffic;
  }
}

/** As `SQS SendMessageBatch`, or `S3 PUT weights` for an object of a run. */
function kindOf(method: string, url: string, target: string | string[] | undefined): string {
  if (target !== undefined) {
    const [service = '', operation] = String(target).split('.');
    return `${service.replace('Amazon', '').replace('AWS', '')} ${operation}`;
  }
  if (url.startsWith('/2015-03-31/functions')) return 'Lambda Invoke';
  const path = decodeURIComponent(url);
  const [, , , what = ''] = /^\/([^/?]+)\/runs\/([^/]+)\/([^/?.]+)/.exec(path) ?? [];
  if (what) return `S3 ${method} ${what}`;
  return `S3 ${method} ${/datasets/.test(path) ? 'datasets' : /delete/.test(path) ? 'objects' : 'list'}`;
}
