import { z } from 'zod';

/**
 * A number as JSON can hold it. A number that is not finite is written by its name: JSON would make
 * it null, and a reader of a diverged run's metrics needs to know which one it was.
 */
export type JsonNumber = number | 'NaN' | 'Infinity' | '-Infinity';

/** See {@link JsonNumber}. */
export function jsonNumber(value: number): JsonNumber {
  return Number.isFinite(value) ? value : (String(value) as JsonNumber);
}

/** All values of a record, by {@link jsonNumber}. */
export function jsonNumbers(values: Readonly<Record<string, number>>): Record<string, JsonNumber> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, jsonNumber(value)]),
  );
}

/** A replacer for `JSON.stringify` that writes every number by {@link jsonNumber}. */
export function namingNonFinite(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? jsonNumber(value) : value;
}

/** Reads what {@link jsonNumber} gives. */
export const jsonNumberSchema = z
  .union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])])
  .transform(Number);
