import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { systemClock } from '../run/clock.ts';
import type { Watch } from '../run/coordinator/watch-over.ts';
import { type RunEventBus, TIMED_PARTS } from '../run/events.ts';
import type { FunctionEnvironment } from './environment.ts';
import { type MetricsSink, stepMetric } from './metric-names.ts';
import { redactValue } from './redact.ts';

/** A function's log: one JSON object per line, without secrets and account numbers. */
export function createLogger(service: string, { LAMBDUEL_STACK }: FunctionEnvironment): Logger {
  const persistentKeys = { stack: LAMBDUEL_STACK };
  return new Logger({ serviceName: service, persistentKeys, jsonReplacerFn: redactValue });
}

/**
 * A function's metrics, whose one dimension, `service`, is the stack's name. CloudWatch takes them
 * from the log (embedded metric format).
 */
export function createMetrics(env: FunctionEnvironment): Metrics {
  const { LAMBDUEL_METRICS_NAMESPACE: namespace, LAMBDUEL_STACK: serviceName } = env;
  return new Metrics({ namespace, serviceName });
}

/** Write the metrics that were measured, if there are any. */
export function publishMetrics(metrics: Metrics): void {
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
}

/** Log what happens in a run, without its iterations, which are in the run's metrics. */
export function logRun(bus: RunEventBus, logger: Logger): void {
  bus.on('started', ({ iteration, epoch }) => logger.info('Run taken up', { iteration, epoch }));
  bus.on('checkpoint', ({ iteration }) => logger.info('Checkpoint written', { iteration }));
  bus.on('resent', (job) => logger.warn('Job sent again', { ...job }));
  bus.on('residents', ({ size, started }) =>
    logger.info('Resident workers started', { size, started }),
  );
  bus.on('replaced', (worker) => logger.warn('A resident worker is replaced', { ...worker }));
  bus.on('hedged', (job) => logger.info('Second copy of a slow job sent', { ...job }));
  bus.on('dropped', ({ reason }) => logger.info('Answer dropped', { reason }));
  bus.on('ended', ({ status, iteration }) => logger.info('Run left', { status, iteration }));
}

/** Metrics have the time when they are published: the dashboard shows minutes. */
const PUBLISH_EVERY_MS = 10_000;

/** Count iterations and time the parts of their steps, for the stack's dashboard and alarms. */
export function measureRun(bus: RunEventBus, metrics: Metrics): void {
  const sink: MetricsSink = metrics;
  let publishedAt = systemClock.now();
  bus.on('iteration', ({ ms, steps }) => {
    sink.addMetric('Iterations', MetricUnit.Count, 1);
    sink.addMetric('IterationMs', MetricUnit.Milliseconds, ms);
    for (const { timing } of steps) {
      for (const part of TIMED_PARTS) {
        const value = timing[`${part}Ms`];
        if (part === 'compile' && value === 0) continue; // most steps compile nothing
        sink.addMetric(stepMetric(part), MetricUnit.Milliseconds, value);
      }
    }
    if (systemClock.now() - publishedAt < PUBLISH_EVERY_MS) return;
    publishMetrics(metrics);
    publishedAt = systemClock.now();
  });
  bus.on('hedged', () => void sink.addMetric('JobsHedged', MetricUnit.Count, 1));
  bus.on('replaced', () => void sink.addMetric('WorkersReplaced', MetricUnit.Count, 1));
  bus.on('resent', () => void sink.addMetric('JobsResent', MetricUnit.Count, 1));
}

/** Count what the watchdog has found. */
export function measureWatch({ inProgress, restarted }: Watch, metrics: MetricsSink): void {
  metrics.addMetric('RunsInProgress', MetricUnit.Count, inProgress.length);
  metrics.addMetric('RunsRestarted', MetricUnit.Count, restarted.length);
}
