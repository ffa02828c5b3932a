import { UsageError } from '../errors.ts';
import { runIdSchema } from '../wire/messages.ts';

/** @throws UsageError unless the text has the form of a run id */
export function requireRunId(text: string): void {
  if (runIdSchema.safeParse(text).success) return;
  throw new UsageError(`${JSON.stringify(text.slice(0, 80))} is not a run id`, {
    hint: 'A run id has the form yyyymmdd-hhmmss-xxxx, as 20260131-235959-0a1b; `lambduel runs` lists them.',
  });
}
