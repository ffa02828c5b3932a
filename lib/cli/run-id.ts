import { UsageError } from '../errors.ts';
import { runIdSchema } from '../wire/run-id.ts';

/** What a run id is like, for hints. */
const FORM = 'A run id has the form yyyymmdd-hhmmss-xxxx, as 20260131-235959-0a1b';

/**
 * @param more of the hint: default for the id of a run that there is
 * @throws UsageError unless the text has the form of a run id
 */
export function requireRunId(text: string, more = '; `lambduel runs` lists them.'): void {
  if (runIdSchema.safeParse(text).success) return;
  throw new UsageError(`${JSON.stringify(text.slice(0, 80))} is not a run id`, {
    hint: `${FORM}${more}`,
  });
}
