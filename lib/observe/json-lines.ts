import type { IterationReport } from '../run/events.ts';
import { type JsonNumber, jsonNumber } from '../wire/json-number.ts';

/** The metrics that come first, in this order, where the program has them. */
const FIRST = ['gCost', 'dCost', 'maxPixel', 'dFake', 'dReal'] as const;

/**
 * An iteration as one line of JSON, for machines that follow a run: `iteration`, the five metrics
 * that every GAN here has, `ms`, and then whatever else the program reports.
 */
export function metricsLine({ iteration, metrics, ms }: IterationReport): string {
  const line = new Map<string, JsonNumber>([['iteration', iteration]]);
  for (const name of FIRST) {
    const value = metrics[name];
    if (value !== undefined) line.set(name, jsonNumber(value));
  }
  line.set('ms', jsonNumber(ms));
  for (const [name, value] of Object.entries(metrics)) {
    if (!line.has(name)) line.set(name, jsonNumber(value));
  }
  return JSON.stringify(Object.fromEntries(line));
}
