import type { Context } from 'aws-lambda';
import { startAdvancing } from '../lib/cloud/advance-run.ts';
import { requireCoordinator } from '../lib/cloud/environment.ts';
import { redactError } from '../lib/cloud/redact.ts';
import { cloudServices } from '../lib/cloud/services.ts';
import {
  createLogger,
  createMetrics,
  measureWatch,
  publishMetrics,
} from '../lib/cloud/telemetry.ts';
import { watchOver } from '../lib/run/coordinator/watch-over.ts';

const services = cloudServices();
const coordinator = requireCoordinator(services.env);
const logger = createLogger('watchdog', services.env);
const metrics = createMetrics(services.env);

/** The watchdog: looks each minute for runs whose coordinator died, and starts another. */
export async function handler(_event: unknown, context: Context): Promise<void> {
  logger.addContext(context);
  const { store, queues } = services;
  try {
    const watch = await watchOver(store, queues, (runId) => startAdvancing(coordinator, runId));
    measureWatch(watch, metrics);
    for (const runId of watch.restarted) logger.warn('A dead coordinator is replaced', { runId });
    if (watch.removedQueues.length > 0) logger.info('Queues removed', { ...watch });
  } catch (error) {
    logger.error('The watchdog failed', error as Error);
    throw redactError(error); // the runtime logs it
  } finally {
    publishMetrics(metrics);
  }
}
