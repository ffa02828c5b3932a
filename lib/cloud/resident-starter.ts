import { startFunction } from '../aws/functions.ts';
import type { ResidentStarter, ResidentTask } from '../run/coordinator/resident-fleet.ts';
import { noResidents } from './check-fleet.ts';
import type { FunctionEnvironment } from './environment.ts';

/** Starts workers by asynchronous invocations of the stack's function. */
export function residentStarter(env: FunctionEnvironment): ResidentStarter {
  const { LAMBDUEL_RESIDENT_WORKER: name, LAMBDUEL_CONCURRENCY: max } = env;
  return {
    max,
    start: async (task: ResidentTask) => {
      if (name === undefined) throw noResidents('this stack');
      await startFunction(name, task);
    },
  };
}
