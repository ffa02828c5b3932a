import type { Context } from 'aws-lambda';
import { collectLess } from '../lib/cloud/collect-less.ts';
import { redactError } from '../lib/cloud/redact.ts';
import { withHint } from '../lib/cloud/refusal.ts';
import { parseResidentTask, serveResidently } from '../lib/cloud/serve-residently.ts';
import { cloudServices } from '../lib/cloud/services.ts';
import { createLogger } from '../lib/cloud/telemetry.ts';
import { keepWorkerWarm } from '../lib/cloud/worker-context.ts';

collectLess();
const services = cloudServices();
const logger = createLogger('resident-worker', services.env);
const warmWorker = keepWorkerWarm(services, logger);

/** A resident worker: waits on a run's own queue, and does the jobs that come. */
export async function handler(event: unknown, context: Context): Promise<void> {
  logger.resetKeys();
  logger.addContext(context);
  const { functionName } = context;
  const remainingMs = () => context.getRemainingTimeInMillis();
  try {
    const task = parseResidentTask(event);
    await serveResidently(services, logger, warmWorker, task, { functionName, remainingMs });
  } catch (error) {
    logger.error('The resident worker failed', error as Error);
    throw redactError(withHint(error)); // the runtime logs it
  }
}
