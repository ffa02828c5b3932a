import { JOB_PARTS, type PlacedJob } from './place-jobs.ts';
import type { TimelineStep } from './timeline-line.ts';

/**
 * The parts of a stretch's whole time. Beside a job's they are the coordinator's: `publish` and `send`
 * come before a job's, `apply` is what makes the next state, and in `between` nothing of a step is
 * done.
 */
export const STRETCH_PARTS = ['publish', 'send', ...JOB_PARTS, 'apply', 'between'] as const;

/** See {@link STRETCH_PARTS}. */
export type StretchPart = (typeof STRETCH_PARTS)[number];

/** Milliseconds of each part. They add up to the stretch's whole time. */
export type StretchTimes = Readonly<Record<StretchPart, number>>;

/**
 * Where the time of a stretch goes: each moment belongs to what the job was doing then that its step
 * waited for last.
 */
export function whereTimeGoes(
  steps: readonly TimelineStep[],
  placed: readonly PlacedJob[],
): StretchTimes {
  const slowest = slowestJobs(placed);
  const times = Object.fromEntries(STRETCH_PARTS.map((part) => [part, 0]));
  let now = steps[0]?.startMs ?? 0;
  const spend = (part: StretchPart, until: number) => {
    times[part] = (times[part] ?? 0) + Math.max(0, until - now);
    now = Math.max(now, until);
  };
  for (const step of steps) {
    spend('between', step.startMs);
    spend('publish', step.startMs + step.publishedMs);
    const job = slowest.get(step.step);
    if (job) {
      let at = job.sentAt;
      spend('send', at);
      for (const [i, part] of JOB_PARTS.entries()) {
        at += job.parts[i] ?? 0;
        spend(part, at);
      }
    }
    spend('wait', step.startMs + step.collectedMs);
    spend('apply', step.startMs + step.appliedMs);
  }
  return times as StretchTimes;
}

/** How a worker did. */
export interface WorkerTimes {
  readonly worker: string;
  readonly jobs: number;
  /** Milliseconds of work per job: all that its worker was busy with. */
  readonly meanMs: number;
  /** Steps that waited for it last. */
  readonly lastOf: number;
}

/** All workers that said who they are, the slowest one first. */
export function workerTimes(placed: readonly PlacedJob[]): WorkerTimes[] {
  const last = new Set(slowestJobs(placed).values());
  const workers = new Map<string, PlacedJob[]>();
  for (const each of placed) {
    const { worker } = each.job;
    if (worker !== undefined) workers.set(worker, [...(workers.get(worker) ?? []), each]);
  }
  return [...workers]
    .map(([worker, jobs]) => ({
      worker,
      jobs: jobs.length,
      meanMs: jobs.reduce((sum, job) => sum + busyMs(job), 0) / jobs.length,
      lastOf: jobs.filter((job) => last.has(job)).length,
    }))
    .sort((a, b) => b.meanMs - a.meanMs);
}

/** The job of each step, by the step's number, that was summed last. */
function slowestJobs(placed: readonly PlacedJob[]): Map<number, PlacedJob> {
  const slowest = new Map<number, PlacedJob>();
  for (const each of placed) {
    const { step } = each.step;
    const other = slowest.get(step);
    if (!other || other.job.summedMs < each.job.summedMs) slowest.set(step, each);
  }
  return slowest;
}

/** From `start` to `store`. */
function busyMs({ parts }: PlacedJob): number {
  const [from, to] = [JOB_PARTS.indexOf('start'), JOB_PARTS.indexOf('return')];
  return parts.slice(from, to).reduce((sum, ms) => sum + ms, 0);
}
