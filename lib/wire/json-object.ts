import { z } from 'zod';
import { InvalidDataError } from '../errors.ts';

/** A value as an object's bytes: JSON, indented for people. */
export function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}

/** @throws InvalidDataError that names the object and what is wrong with it */
export function parseJsonObject<T>(schema: z.ZodType<T>, bytes: Uint8Array, key: string): T {
  return parseJson(schema, Buffer.from(bytes).toString('utf8'), key);
}

/**
 * @param what the text is, as the beginning of a sentence
 * @throws InvalidDataError that says so, and what is wrong with it
 */
export function parseJson<T>(schema: z.ZodType<T>, text: string, what: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new InvalidDataError(`${what} is not JSON`, { cause });
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw new InvalidDataError(`${what} is not valid: ${z.prettifyError(result.error)}`);
}
