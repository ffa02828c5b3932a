import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { collectLess } from '../lib/cloud/collect-less.ts';
import { serveJob } from '../lib/cloud/serve-job.ts';
import { cloudServices } from '../lib/cloud/services.ts';
import { createLogger } from '../lib/cloud/telemetry.ts';
import { keepWorkerWarm } from '../lib/cloud/worker-context.ts';

collectLess();
const services = cloudServices();
const logger = createLogger('worker', services.env);
const processor = new BatchProcessor(EventType.SQS);
const warmWorker = keepWorkerWarm(services, logger);

/** The worker: does the jobs that the queue's event source delivers, one per message. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  logger.resetKeys();
  logger.addContext(context);
  return processPartialResponse(event, serve, processor, {
    context,
    processInParallel: false, // so that a job has all of the memory and the CPU
    throwOnFullBatchFailure: false,
  });
}

async function serve(record: SQSRecord, context?: Context): Promise<void> {
  const { body, receiptHandle, attributes } = record;
  const attempt = Number(attributes.ApproximateReceiveCount);
  const remainingMs = context && (() => context.getRemainingTimeInMillis());
  const timed = async () => ({ ...(await warmWorker()), ...(remainingMs && { remainingMs }) });
  await serveJob(services, logger, timed, { body, receipt: receiptHandle, attempt });
}
