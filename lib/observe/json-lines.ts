import type { MetricSpec } from '../program/metric-spec.ts';
import type { IterationReport } from '../run/events.ts';
import { type JsonNumber, jsonNumber } from '../wire/json-number.ts';

/**
 * An iteration as one line of JSON, for machines that follow a run: `iteration`, the metrics that
 * the program declares, `ms`, and then any other metrics that are reported.
 */
export function metricsLine(
  declared: readonly MetricSpec[],
  { iteration, metrics, ms }: IterationReport,
): string {
  const line = new Map<string, JsonNumber>([['iteration', iteration]]);
  for (const { name } of declared) {
    const value = metrics[name];
    if (value !== undefined) line.set(name, jsonNumber(value));
  }
  line.set('ms', jsonNumber(ms));
  for (const [name, value] of Object.entries(metrics)) {
    if (!line.has(name)) line.set(name, jsonNumber(value));
  }
  return JSON.stringify(Object.fromEntries(line));
}
