import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { S3Store } from '../../lib/store/s3.ts';
import { type Store, StoreUnavailableError } from '../../lib/store/store.ts';
import { bytesOf, describeStore } from '../store/contract.ts';
import { START_MS } from '../support/shared-localstack.ts';
import { newBucket, startCloud, type TestCloud, uniqueName } from './cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startCloud();
}, START_MS);
afterAll(() => cloud?.close());

describeStore('S3', async () => ({
  store: new S3Store(cloud.s3, await newBucket(cloud.s3)),
  close: async () => {},
}));

describe('A store in S3', () => {
  let bucket: string;
  beforeAll(async () => {
    bucket = await newBucket(cloud.s3);
  });

  it('lists more objects than one answer holds, in their order', async () => {
    const store = new S3Store(cloud.s3, bucket, { pageSize: 3 });
    const keys = ['a', 'a/b', 'b', 'c', 'd', 'e/f', 'e/g'].map((key) => `pages/${key}`);
    for (const key of keys.toReversed()) await store.put(key, bytesOf(key));
    expect((await store.list('pages/')).map(({ key }) => key)).toEqual(keys);
    expect(await store.list('pages/e')).toHaveLength(2);
    expect(await store.list('pages/c')).toEqual([{ key: 'pages/c', size: 7 }]);
  });

  it('removes more objects than one request takes', async () => {
    const store = new S3Store(cloud.s3, bucket);
    const keys = Array.from({ length: 2001 }, (_, i) => `many/${i}`);
    for (const i of [0, 999, 1000, 2000]) await store.put(`many/${i}`, bytesOf('x'));
    await store.remove(keys);
    expect(await store.list('many/')).toEqual([]);
  });

  it('leaves out what others have put beside it under names that are no keys', async () => {
    const store = new S3Store(cloud.s3, bucket);
    for (const Key of ['others/', 'others/a b', 'others/.hidden', 'others/ours']) {
      await cloud.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x' }));
    }
    expect(await store.list('others/')).toEqual([{ key: 'others/ours', size: 1 }]);
  });

  it('keeps a checksum and a type with each object, for whoever reads it', async () => {
    const store = new S3Store(cloud.s3, bucket);
    const etag = await store.create('told/report.html', bytesOf('<p>'));
    const object = { Bucket: bucket, Key: 'told/report.html' };
    const head = await cloud.s3.send(new HeadObjectCommand({ ...object, ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({ ETag: etag, ContentType: 'text/html; charset=utf-8' });
    expect(head.ChecksumCRC32).toMatch(/^.{6}==$/);
    const read = await cloud.s3.send(new GetObjectCommand(object));
    expect(await read.Body?.transformToString()).toBe('<p>');
  });

  it("grows older by the store's clock", { timeout: 60_000 }, async () => {
    const store = new S3Store(cloud.s3, bucket);
    await store.put('age/object', bytesOf('x'));
    const ages = [(await store.get('age/object')).ageMs];
    while (ages.at(-1) === ages[0]) ages.push((await store.get('age/object')).ageMs);
    expect(ages.at(-1)).toBeGreaterThan(ages[0] as number);
  });

  it('is not to be used where there is no bucket, whatever is asked of it', async () => {
    const store = new S3Store(cloud.s3, uniqueName());
    const operations: ((store: Store) => Promise<unknown>)[] = [
      (store) => store.get('key'),
      (store) => store.create('key', bytesOf('x')),
      (store) => store.replace('key', bytesOf('x'), '"x"'),
      (store) => store.put('key', bytesOf('x')),
      (store) => store.list(''),
      (store) => store.remove(['key']),
    ];
    for (const act of operations) {
      await expect(act(store)).rejects.toThrow(StoreUnavailableError);
    }
  });
});
