import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { S3Store } from '../../lib/store/s3.ts';
import { createS3Client } from '../../lib/store/s3-client.ts';
import {
  ObjectChangedError,
  ObjectExistsError,
  ObjectNotFoundError,
  type Store,
  StoreUnavailableError,
} from '../../lib/store/store.ts';
import { type Answer, CannedServer, clientOf } from '../support/canned-server.ts';

const BYTES = new TextEncoder().encode('0123456789');
const ETAG = '"0a0b"';
const WRITTEN: Answer = { status: 200, headers: { etag: ETAG } };
const READ: Answer = {
  status: 200,
  headers: { etag: ETAG, 'last-modified': 'Sat, 31 Jan 2026 10:00:00 GMT' },
  body: BYTES,
};
const REFUSED = failure(412, 'PreconditionFailed');
const CONFLICT = failure(409, 'ConditionalRequestConflict');

let server: CannedServer;
beforeAll(async () => {
  server = await CannedServer.start();
});
afterAll(() => server.close());
afterEach(() => vi.unstubAllEnvs());

/** Few attempts: the client waits longer after each. */
function openStore(config: S3ClientConfig = {}): Store {
  return new S3Store(createS3Client({ ...clientOf(server), maxAttempts: 3, ...config }), 'bucket');
}

const methods = () => server.requests.map(({ method }) => method);

describe('failures that pass', () => {
  it.each([
    ['a fault of AWS', failure(500, 'InternalError')],
    ['throttling', failure(503, 'SlowDown')],
    ['a connection that breaks', 'hang up' as const],
  ])('are not noticed: %s', async (_, answer) => {
    server.inTurn(answer, WRITTEN);
    await openStore().put('key', BYTES);
    expect(server.requests).toHaveLength(2);

    server.inTurn(answer, READ);
    expect((await openStore().get('key')).bytes).toEqual(BYTES);
    expect(server.requests).toHaveLength(2);
  });

  it('end a connection that says nothing', async () => {
    server.inTurn('say nothing', READ);
    const store = openStore({ requestHandler: { socketTimeout: 300 } });
    expect((await store.get('key')).bytes).toEqual(BYTES);
  });

  it('are conflicts of conditional writes, which AWS tells by 409', async () => {
    server.inTurn(CONFLICT, CONFLICT, WRITTEN);
    expect(await openStore().create('key', BYTES)).toBe(ETAG);
    expect(server.requests.map(({ headers }) => headers['if-none-match'])).toEqual(['*', '*', '*']);

    server.inTurn(CONFLICT, WRITTEN);
    expect(await openStore().replace('key', BYTES, '"old"')).toBe(ETAG);
    expect(server.requests.map(({ headers }) => headers['if-match'])).toEqual(['"old"', '"old"']);
  });

  it.each([
    ['breaks off', { ...READ, breakAfter: 4 }],
    [
      'is not what it was',
      { ...READ, headers: { ...READ.headers, 'x-amz-checksum-crc32': 'AAAAAA==' } },
    ],
  ])('are an object that %s on its way', async (_, broken) => {
    server.inTurn(broken, broken, READ);
    expect((await openStore().get('key')).bytes).toEqual(BYTES);
    expect(server.requests).toHaveLength(3);
    expect(server.requests[0]?.headers['x-amz-checksum-mode']).toBe('ENABLED');

    server.inTurn(broken);
    const act = openStore().get('key');
    await expect(act).rejects.toThrow(StoreUnavailableError);
  });
});

describe('a conflict that stays', () => {
  it('counts as lost', async () => {
    server.inTurn(CONFLICT);
    await expect(openStore().create('key', BYTES)).rejects.toThrow(ObjectExistsError);
    await expect(openStore().replace('key', BYTES, ETAG)).rejects.toThrow(ObjectChangedError);
  });
});

describe('a write whose answer is lost', () => {
  it('has created the object when it is there, of the same bytes', async () => {
    server.inTurn('hang up', REFUSED, READ);
    expect(await openStore().create('key', BYTES)).toBe(ETAG);
    expect(methods()).toEqual(['PUT', 'PUT', 'GET']);
  });

  it('has not when it is of other bytes', async () => {
    server.inTurn('hang up', REFUSED, { ...READ, body: 'from another' });
    await expect(openStore().create('key', BYTES)).rejects.toThrow(ObjectExistsError);
  });

  it('has not when it is gone by now', async () => {
    server.inTurn('hang up', REFUSED, failure(404, 'NoSuchKey'));
    await expect(openStore().create('key', BYTES)).rejects.toThrow(ObjectExistsError);
  });

  it('may also have met a conflict with itself', async () => {
    server.inTurn('hang up', CONFLICT, REFUSED, READ);
    expect(await openStore().create('key', BYTES)).toBe(ETAG);
  });

  it('is no excuse for who comes second: the same bytes of another are refused', async () => {
    server.inTurn(REFUSED, READ);
    await expect(openStore().create('key', BYTES)).rejects.toThrow(ObjectExistsError);
    expect(methods()).toEqual(['PUT']);
  });

  it('leaves a replacement to be compared by the caller', async () => {
    server.inTurn('hang up', REFUSED);
    await expect(openStore().replace('key', BYTES, ETAG)).rejects.toThrow(ObjectChangedError);
  });
});

describe('failures that stay', () => {
  const operations: Record<string, (store: Store) => Promise<unknown>> = {
    get: (store) => store.get('key'),
    create: (store) => store.create('key', BYTES),
    replace: (store) => store.replace('key', BYTES, ETAG),
    put: (store) => store.put('key', BYTES),
    list: (store) => store.list(''),
    remove: (store) => store.remove(['key']),
  };

  describe.each(Object.entries(operations))('of %s', (_, act) => {
    it.each([
      [404, 'NoSuchBucket', /stack may have been deleted/],
      [403, 'AccessDenied', /permission/],
      [400, 'ExpiredToken', /Log in again/],
      [403, 'InvalidAccessKeyId', /Log in again/],
      [301, 'PermanentRedirect', /AWS_REGION/],
      [503, 'SlowDown', /slowing/],
      [500, 'InternalError', /fault/],
    ])('are told with what to do: %i %s', async (status, code, hint) => {
      server.inTurn(failure(status, code));
      const error: unknown = await act(openStore({ maxAttempts: 1 })).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(StoreUnavailableError);
      expect((error as StoreUnavailableError).message).toContain('bucket');
      expect((error as StoreUnavailableError).message).toContain(code);
      expect((error as StoreUnavailableError).hint).toMatch(hint);
    });
  });

  it('are told after all attempts', async () => {
    server.inTurn(failure(503, 'SlowDown'));
    const act = openStore({ maxAttempts: 2 }).put('a/key', BYTES);
    await expect(act).rejects.toThrow('a/key in the bucket bucket cannot be written: SlowDown');
    expect(server.requests).toHaveLength(2);
  });

  it('are a server that is not there', async () => {
    const gone = await CannedServer.start();
    const store = openStore({ endpoint: gone.endpoint, maxAttempts: 2 });
    await gone.close();
    await expect(store.get('key')).rejects.toMatchObject({
      name: 'StoreUnavailableError',
      message: expect.stringContaining('ECONNREFUSED') as string,
      hint: expect.stringContaining('AWS_ENDPOINT_URL') as string,
    });
  });

  it('are credentials that are missing', async () => {
    const credentials = () =>
      Promise.reject(Object.assign(new Error('none found'), { name: 'CredentialsProviderError' }));
    await expect(openStore({ credentials }).list('')).rejects.toMatchObject({
      message: expect.stringContaining('none found') as string,
      hint: expect.stringContaining('AWS_PROFILE') as string,
    });
  });

  it('are a region that is missing', async () => {
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE'])
      vi.stubEnv(name, undefined);
    for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) {
      vi.stubEnv(name, '/dev/null');
    }
    const { region: _, ...config } = clientOf(server);
    const store = new S3Store(createS3Client(config), 'bucket');
    await expect(store.get('key')).rejects.toMatchObject({
      hint: expect.stringContaining('AWS_REGION') as string,
    });
  });

  it('are not taken for an object that is not there', async () => {
    server.inTurn(failure(404, 'NoSuchKey'));
    await expect(openStore().get('key')).rejects.toThrow(ObjectNotFoundError);
    await expect(openStore().replace('key', BYTES, ETAG)).rejects.toThrow(ObjectChangedError);
  });
});

describe('an age', () => {
  it.each([
    ['Sat, 31 Jan 2026 10:01:30 GMT', 90_000],
    ['Sat, 31 Jan 2026 10:00:00 GMT', 0],
    ['Sat, 31 Jan 2026 09:59:59 GMT', 0],
    ['never', 0],
  ])("is judged by the answer's own date: %s", async (date, ageMs) => {
    server.inTurn({ ...READ, headers: { ...READ.headers, date } });
    expect((await openStore().get('key')).ageMs).toBe(ageMs);
  });
});

describe('removing', () => {
  const answer = (...errors: [key: string, code: string][]): Answer => ({
    status: 200,
    body: `<DeleteResult>${errors
      .map(
        ([key, code]) =>
          `<Error><Key>${key}</Key><Code>${code}</Code><Message>no</Message></Error>`,
      )
      .join('')}</DeleteResult>`,
  });

  it('repeats what was not removed, and only that', async () => {
    server.inTurn(answer(['b', 'InternalError'], ['c', 'SlowDown']), answer());
    await openStore().remove(['a', 'b', 'c']);
    const keys = server.requests.map(({ body }) =>
      [...body.toString().matchAll(/<Key>(.)<\/Key>/g)].map(([, key]) => key),
    );
    expect(keys).toEqual([
      ['a', 'b', 'c'],
      ['b', 'c'],
    ]);
  });

  it('says what may not be removed', async () => {
    server.inTurn(answer(['b', 'AccessDenied'], ['c', 'AccessDenied']));
    await expect(openStore().remove(['a', 'b', 'c'])).rejects.toMatchObject({
      name: 'StoreUnavailableError',
      message: 'b (and 1 more) in the bucket bucket cannot be removed: AccessDenied: no',
    });
    expect(server.requests).toHaveLength(1);
  });

  it('gives up on what fails again and again', async () => {
    server.inTurn(answer(['a', 'InternalError']));
    await expect(openStore().remove(['a'])).rejects.toThrow(/InternalError/);
    expect(server.requests.length).toBeGreaterThan(2);
  });
});

it('tells clients of the bucket what an object is, and S3 its checksum', async () => {
  const types = { json: 'application/json', jsonl: 'application/x-ndjson', png: 'image/png' };
  for (const [ending, type] of Object.entries({
    ...types,
    html: 'text/html; charset=utf-8',
    safetensors: 'application/octet-stream',
  })) {
    server.inTurn(WRITTEN);
    await openStore().put(`key.${ending}`, BYTES);
    expect(server.requests[0]?.headers).toMatchObject({
      'content-type': type,
      'x-amz-checksum-crc32': 'poTHxg==', // of "0123456789": a684c7c6
    });
  }
});

function failure(status: number, code: string) {
  return { status, body: `<Error><Code>${code}</Code><Message>${code} it is</Message></Error>` };
}
