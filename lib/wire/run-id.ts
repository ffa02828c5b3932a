import { z } from 'zod';

/** The form of a run's id, for regular expressions: its start time and four random hex digits. */
export const RUN_ID = String.raw`\d{8}-\d{6}-[0-9a-f]{4}`;

/** The same as AWS's policies write it. A `*` would stand for slashes too. */
export const RUN_ID_IN_POLICY = '????????-??????-????';

/** A run's id. */
export const runIdSchema = z.string().regex(new RegExp(`^${RUN_ID}$`), {
  error: 'a run id has the form yyyymmdd-hhmmss-xxxx, as 20260131-235959-0a1b',
});
