import type { z } from 'zod';
import { type SettingsSource, settingsError } from '../run/record/problems.ts';

/** What a function is invoked with. @throws UsageError that says what is wrong with which key */
export function parseEvent<T>(schema: z.ZodType<T>, event: unknown, source: SettingsSource): T {
  const result = schema.safeParse(event);
  if (result.success) return result.data;
  throw settingsError(
    result.error,
    typeof event === 'object' && event !== null ? event : {},
    source,
  );
}
