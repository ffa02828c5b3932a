import { UsageError } from '../errors.ts';
import type { RunFleet } from '../run/record/head.ts';
import type { FunctionEnvironment } from './environment.ts';

/** What a stack's environment says about resident workers. */
type ResidentEnvironment = Pick<
  FunctionEnvironment,
  'LAMBDUEL_RESIDENT_WORKER' | 'LAMBDUEL_CONCURRENCY'
>;

/**
 * Check that a stack has the fleet that a run asks for.
 *
 * @throws UsageError when it has no resident workers, or not so many, or when a number of workers is
 *   asked for where there is none to choose
 */
export function checkFleet(
  env: ResidentEnvironment,
  { fleet, workers }: RunFleet,
  shards: number,
): void {
  if (fleet === 'event') {
    if (workers === null) return;
    throw new UsageError(
      `workers ${workers}: only resident workers can be counted; for others Lambda starts as many as there are jobs`,
      { hint: 'Leave it out, or ask for fleet resident (--fleet resident).' },
    );
  }
  if (env.LAMBDUEL_RESIDENT_WORKER === undefined) throw noResidents('this stack');
  const wanted = workers ?? shards;
  const most = env.LAMBDUEL_CONCURRENCY;
  if (wanted <= most) return;
  const why = workers === null ? ', one per shard' : '';
  throw new UsageError(
    `fleet resident: the run wants ${wanted} workers${why}, and this stack has at most ${most}`,
    {
      hint: `Ask for fewer (--workers ${most}), or deploy with more: \`npx cdk deploy -c concurrency=${wanted}\`.`,
    },
  );
}

/** A stack of an earlier version has no resident workers. @param stack what it is called */
export function noResidents(stack: string): UsageError {
  return new UsageError(`fleet resident: ${stack} has no resident workers`, {
    hint: 'Deploy the stack again with `npx cdk deploy`, or leave --fleet out.',
  });
}
