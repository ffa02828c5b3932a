import { afterAll, beforeAll } from 'vitest';
import { S3Store } from '../../lib/store/s3.ts';
import { describeStore } from '../store/contract.ts';
import { newBucket, START_MS, startCloud, type TestCloud } from './cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startCloud();
}, START_MS);
afterAll(() => cloud?.stop());

describeStore('S3', async () => ({
  store: new S3Store(cloud.s3, await newBucket(cloud.s3)),
  close: async () => {},
}));
