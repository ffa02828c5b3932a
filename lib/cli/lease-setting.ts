import { z } from 'zod';
import { UsageError } from '../errors.ts';

const NAME = 'LAMBDUEL_LEASE_MS';
const milliseconds = z.coerce.number().int().min(100).max(3_600_000).optional();

/**
 * How long a local run's lease outlasts its coordinator's last sign of life, in milliseconds, if
 * the environment sets it.
 *
 * @throws UsageError when it is not such a number
 */
export function leaseSetting(env: Readonly<Record<string, string | undefined>>): {
  readonly leaseMs?: number;
} {
  const { success, data } = milliseconds.safeParse(env[NAME] || undefined);
  if (!success) {
    throw new UsageError(
      `${NAME}=${env[NAME]} is not a number of milliseconds from 100 to 3600000`,
      {
        hint: 'Leave it unset for 6 seconds.',
      },
    );
  }
  return data === undefined ? {} : { leaseMs: data };
}
