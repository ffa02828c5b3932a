import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

interface Served {
  readonly address: string;
  /** The first text that is posted to it. */
  readonly posted: Promise<string>;
}

/** Serve the files of folders, as if they were one, until the test ends. */
export async function served(...folders: string[]): Promise<Served> {
  const posts = new EventEmitter<{ text: [string] }>();
  const posted = once(posts, 'text').then(([first]) => first);
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') {
      posts.emit('text', await text(request));
      response.end();
      return;
    }
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    const reading = folders.map((folder) => readFile(join(folder, path)));
    await Promise.any(reading).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, posted };
}
