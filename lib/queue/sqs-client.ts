import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { clientSettings } from '../aws/client-settings.ts';

/** Longer than a receiving request may wait for a message: 20 s. */
const SILENCE_MS = 30_000;

let shared: SQSClient | undefined;

/** The SQS client of this process, made when it is first asked for. */
export function sqsClient(): SQSClient {
  shared ??= createSqsClient();
  return shared;
}

/** A new SQS client: see `clientSettings` for what it is told by the environment. */
export function createSqsClient(config: SQSClientConfig = {}): SQSClient {
  return new SQSClient({
    ...clientSettings(SILENCE_MS),
    // Queues' URLs name hosts that need not resolve where the endpoint is not AWS's own.
    useQueueUrlAsEndpoint: false,
    ...config,
  });
}
