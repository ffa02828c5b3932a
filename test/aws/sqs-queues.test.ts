import { afterAll, beforeAll } from 'vitest';
import { SqsQueueService } from '../../lib/queue/sqs.ts';
import { maxPayloadBytes } from '../../lib/queue/sqs-message.ts';
import { describeQueues } from '../queue/contract.ts';
import { START_MS, startCloud, type TestCloud, uniqueName } from './cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startCloud();
}, START_MS);
afterAll(() => cloud?.stop());

const newQueues = () => new SqsQueueService(cloud.sqs, { prefix: `${uniqueName()}-`, settleMs: 0 });

describeQueues('SQS', async () => ({ queues: newQueues(), close: async () => {} }), {
  maxBytes: maxPayloadBytes('{}'.length),
  shortMs: 1000,
});
