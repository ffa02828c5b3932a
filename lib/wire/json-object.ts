import { z } from 'zod';
import { InvalidDataError } from '../errors.ts';

/** A value as an object's bytes: JSON, indented for people. */
export function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}

/** @throws InvalidDataError that names the object and what is wrong with it */
export function parseJsonObject<T>(schema: z.ZodType<T>, bytes: Uint8Array, key: string): T {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw new InvalidDataError(`${key} is not JSON`, { cause });
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw new InvalidDataError(`${key} is not valid: ${z.prettifyError(result.error)}`);
}
