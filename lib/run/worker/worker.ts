import type { Message } from '../../queue/queue.ts';
import type { Job } from '../../wire/messages.ts';
import { failureMessage, successMessage } from './answer.ts';
import type { JobResult, WorkerContext } from './context.ts';
import { computeGradient } from './gradient-job.ts';
import { trainLane } from './local-job.ts';
import { drawSamples } from './sample-job.ts';
import { computeScore } from './score-job.ts';
import { computeStatistics } from './statistics-job.ts';
import { takeJob } from './take-job.ts';

/** How each kind of job is done. */
const PERFORM: {
  readonly [K in Job['kind']]: (
    context: WorkerContext,
    job: Extract<Job, { kind: K }>,
  ) => Promise<JobResult>;
} = {
  gradient: computeGradient,
  sample: drawSamples,
  statistics: computeStatistics,
  score: computeScore,
  local: trainLane,
};

/**
 * Do one job and say what to answer. A failure is an answer too, so that the coordinator knows the
 * reason and decides whether to send the job again.
 *
 * @param delivery how often the queue has delivered this message
 * @param taken when the worker took it; default: now
 */
export async function performJob(
  context: WorkerContext,
  job: Job,
  delivery: number,
  taken = takeJob(),
): Promise<Message> {
  const trace = job.trace && { ...taken(), storeMs: 0 };
  const told = trace ? { name: context.id, ...context } : context;
  try {
    const perform = PERFORM[job.kind] as (context: WorkerContext, job: Job) => Promise<JobResult>;
    const result = await perform(context, job);
    return await successMessage(told, job, trace ? { ...result, trace } : result, delivery);
  } catch (error) {
    return failureMessage(job, error, told.name);
  }
}
