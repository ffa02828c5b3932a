import type { Logger } from '@aws-lambda-powertools/logger';
import { z } from 'zod';
import { startFunction } from '../aws/functions.ts';
import { systemClock } from '../run/clock.ts';
import type { ResidentTask } from '../run/coordinator/resident-fleet.ts';
import { parseJobQueue } from '../run/record/keys.ts';
import type { WorkerContext } from '../run/worker/context.ts';
import { reside } from '../run/worker/reside.ts';
import { parseEvent } from './parse-event.ts';
import { jobServer } from './serve-job.ts';
import type { CloudServices } from './services.ts';
import { timeLimit } from './time-limit.ts';

/** What a resident worker is invoked with. */
const residentTaskSchema = z.strictObject({
  queue: z.string().refine((name) => parseJobQueue(name) !== undefined, {
    error: "must be the name of a run's job queue",
  }),
  worker: z.string().regex(/^\d{1,4}\.\d{1,6}$/, 'must be two numbers, as 0.1'),
}) satisfies z.ZodType<ResidentTask>;

/** How long a worker goes on beside its successor, which loads TensorFlow meanwhile. */
const OVERLAP_MS = 10_000;
/** The same as a share of the time that it has at all, for short time limits. */
const OVERLAP_SHARE = 0.1;

/** @throws UsageError that says what is wrong with which key */
export function parseResidentTask(event: unknown): ResidentTask {
  return parseEvent(residentTaskSchema, event, {
    beginning: 'The invocation is not valid: ',
    hint: 'Only coordinators start resident workers: see `lambduel train --fleet resident`.',
  });
}

/** An invocation of the resident workers' function. */
export interface ResidentInvocation {
  readonly functionName: string;
  readonly remainingMs: () => number;
}

/** Be a resident worker: do the jobs of a queue until that is gone, or until time runs out. */
export async function serveResidently(
  services: Pick<CloudServices, 'queues' | 'env'>,
  logger: Logger,
  worker: () => Promise<WorkerContext>,
  task: ResidentTask,
  { functionName, remainingMs }: ResidentInvocation,
): Promise<void> {
  const named = async () => ({ ...(await worker()), name: task.worker, remainingMs });
  const jobs = services.queues.open(task.queue);
  logger.info('Resident worker ready', { ...task });
  const leaving = await reside({
    server: jobServer(services, logger, named, jobs),
    clock: systemClock,
    isDue: timeLimit(remainingMs),
    overlapMs: Math.min(OVERLAP_MS, OVERLAP_SHARE * remainingMs()),
    startSuccessor: async () => {
      try {
        await startFunction(functionName, task);
        return true;
      } catch (error) {
        logger.warn('A successor could not be started', error as Error);
        return false;
      }
    },
    prepare: async () => {
      await worker().then(
        ({ inputs }) => inputs.prepare(),
        () => {}, // the next job reports the error
      );
    },
  });
  logger.info(`Resident worker ends: ${leaving}`, { ...task });
}
