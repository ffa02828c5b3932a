import type { Success } from '../../wire/messages.ts';
import type { RunConfig } from '../record/config.ts';
import type { JobTrace, StepTrace } from '../step-trace.ts';
import type { PendingJob } from './job-sender.ts';

/** Of so many stretches, the first ones are traced. A stretch is an iteration or a round of lanes. */
export const TRACED_EVERY = 100;
const TRACED = 20;
/** Of so many stretches no more are traced than have so many jobs, but always the first. */
const MAX_JOBS = 4000;

/**
 * Whether the jobs of the iterations from this one on are traced, up to the next moment at which the
 * run may stop. It follows from the config, so that all coordinators of a run trace the same.
 *
 * @param phases of an iteration
 */
export function isTraced(
  { shards, localIterations }: Pick<RunConfig, 'shards' | 'localIterations'>,
  phases: number,
  iteration: number,
): boolean {
  const stretch = Math.floor(iteration / Math.max(1, localIterations)) % TRACED_EVERY;
  const jobs = localIterations > 0 ? shards : shards * phases;
  return stretch === 0 || (stretch < TRACED && (stretch + 1) * jobs <= MAX_JOBS);
}

/** Moments of an answer on the coordinator's clock. */
interface AnswerMoments {
  readonly receivedAt: number;
  readonly takenAt: number;
  readonly summedAt: number;
}

/** The trace of a job that was answered. Times are still those of the coordinator's clock. */
export function traceJob(
  { attempts, firstSentAt }: PendingJob,
  { index, worker, timing, trace }: Success,
  { receivedAt, takenAt, summedAt }: AnswerMoments,
): JobTrace {
  return {
    index,
    worker,
    attempts,
    sentMs: firstSentAt,
    answeredMs: receivedAt,
    takenMs: takenAt,
    summedMs: summedAt,
    timing,
    told: trace,
  };
}

/** The trace of a step. @param step its own moments, and the jobs by the coordinator's clock */
export function traceStep(step: StepTrace): StepTrace {
  const since = (at: number) => at - step.startMs;
  const jobs = step.jobs.map((job) => ({
    ...job,
    sentMs: since(job.sentMs),
    answeredMs: since(job.answeredMs),
    takenMs: since(job.takenMs),
    summedMs: since(job.summedMs),
  }));
  return { ...step, jobs };
}
