import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { clientSettings } from '../aws/client-settings.ts';

/** Longer than the 20 s that a receiving request may wait for a message. */
const SILENCE_MS = 30_000;

/** A new SQS client. See `clientSettings` for what comes from the environment. */
export function createSqsClient(config: SQSClientConfig = {}): SQSClient {
  return new SQSClient({
    ...clientSettings(SILENCE_MS),
    // Host names in queues' URLs need not resolve with an endpoint that is not AWS's own.
    useQueueUrlAsEndpoint: false,
    ...config,
  });
}
