import { timeSetting } from './time-setting.ts';

/**
 * How long a local run's lease outlasts its coordinator's last sign of life, in milliseconds, if
 * the environment sets it.
 *
 * @throws UsageError when it is not such a number
 */
export function leaseSetting(env: Readonly<Record<string, string | undefined>>): {
  readonly leaseMs?: number;
} {
  const leaseMs = timeSetting(env, 'LAMBDUEL_LEASE_MS');
  return leaseMs === undefined ? {} : { leaseMs };
}
