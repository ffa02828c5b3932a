import type { RunConfig } from '../record/config.ts';
import type { CoordinatorContext } from './context.ts';
import type { Fleet } from './fleet.ts';
import type { Lease } from './lease.ts';
import { ResidentFleet } from './resident-fleet.ts';

/** The fleet that a run's head asks for, ready to get jobs. */
export async function openFleet(
  context: CoordinatorContext,
  { shards, localIterations }: RunConfig,
  { head }: Pick<Lease, 'head'>,
): Promise<Fleet> {
  const { residents, jobs } = context;
  if (head.fleet === 'event' || !residents) {
    return { jobs, tend: async () => {}, close: async () => {} };
  }
  const size = Math.min(head.workers ?? shards, shards, residents.max);
  return ResidentFleet.open({ ...context, residents }, head, { size, localIterations });
}
