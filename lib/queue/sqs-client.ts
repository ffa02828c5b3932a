import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { clientSettings } from '../aws/client-settings.ts';

/** Longer than a receiving request may wait for a message: 20 s. */
const SILENCE_MS = 30_000;

/** A new SQS client: see `clientSettings` for what it is told by the environment. */
export function createSqsClient(config: SQSClientConfig = {}): SQSClient {
  return new SQSClient({
    ...clientSettings(SILENCE_MS),
    // Queues' URLs name hosts that need not resolve where the endpoint is not AWS's own.
    useQueueUrlAsEndpoint: false,
    ...config,
  });
}
