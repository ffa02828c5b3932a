import type { Context } from 'aws-lambda';
import { advanceRun, startAdvancing } from '../lib/cloud/advance-run.ts';
import { collectLess } from '../lib/cloud/collect-less.ts';
import { redactError } from '../lib/cloud/redact.ts';
import { withHint } from '../lib/cloud/refusal.ts';
import { cloudServices } from '../lib/cloud/services.ts';
import { resumeTriggeredRun, startTriggeredRun, triggerAnswer } from '../lib/cloud/start-run.ts';
import { createLogger, createMetrics, publishMetrics } from '../lib/cloud/telemetry.ts';
import { parseTrigger, type TriggerAnswer } from '../lib/cloud/trigger.ts';

collectLess();
const services = cloudServices();
const logger = createLogger('coordinator', services.env);
const metrics = createMetrics(services.env);

/**
 * The coordinator: starts runs, and advances them in invocations of their own.
 *
 * @param event see `triggerSchema`
 */
export async function handler(event: unknown, context: Context): Promise<TriggerAnswer> {
  logger.resetKeys();
  logger.addContext(context);
  try {
    const trigger = parseTrigger(event);
    const memoryMb = Number(context.memoryLimitInMB);
    const runId =
      trigger.action === 'train'
        ? await startTriggeredRun(services, trigger, memoryMb)
        : trigger.runId;
    logger.appendKeys({ runId });
    if (trigger.action === 'advance') {
      const { functionName, awsRequestId: requestId } = context;
      const remainingMs = () => context.getRemainingTimeInMillis();
      const invocation = { functionName, requestId, memoryMb, remainingMs };
      await advanceRun(services, { logger, metrics }, invocation, runId);
    } else {
      if (trigger.action === 'resume') await resumeTriggeredRun(services, trigger);
      await startAdvancing(context.functionName, runId);
      logger.info('Run started', { action: trigger.action });
    }
    return triggerAnswer(services, runId);
  } catch (error) {
    logger.error('The coordinator failed', error as Error);
    throw redactError(withHint(error)); // the runtime logs it
  } finally {
    publishMetrics(metrics);
  }
}
