import { z } from 'zod';
import { UsageError } from '../errors.ts';

const milliseconds = z.coerce.number().int().min(100).max(3_600_000).optional();

/**
 * A number of milliseconds that the environment may set.
 *
 * @throws UsageError when it is not such a number
 */
export function timeSetting(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): number | undefined {
  const { success, data } = milliseconds.safeParse(env[name] || undefined);
  if (success) return data;
  throw new UsageError(`${name}=${env[name]} is not a number of milliseconds from 100 to 3600000`, {
    hint: 'Leave it unset for the usual time.',
  });
}
