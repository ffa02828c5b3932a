import type { JobTrace } from '../../run/step-trace.ts';
import type { TimelineStep } from './timeline-line.ts';

/**
 * What happens to a job, in this order:
 *
 * - `queue`: from its sending until its worker took it;
 * - `start`: the worker was not ready yet;
 * - `load`, `compile`, `compute`, `encode`: the work;
 * - `store`: writing the answer's bytes as an object, where a message cannot hold them;
 * - `return`: until the coordinator had the answer;
 * - `wait`: until the coordinator turned to it, and had read its bytes;
 * - `sum`: decoding and summing.
 */
export const JOB_PARTS = [
  ...(['queue', 'start', 'load', 'compile', 'compute', 'encode', 'store'] as const),
  ...(['return', 'wait', 'sum'] as const),
] as const;

/** See {@link JOB_PARTS}. */
export type JobPart = (typeof JOB_PARTS)[number];

/** A job on the coordinator's clock. */
export interface PlacedJob {
  readonly step: TimelineStep;
  readonly job: JobTrace;
  /** When it was sent, on the clock of `StepTrace.startMs`. */
  readonly sentAt: number;
  /** Milliseconds of each part, in their order. None is negative. */
  readonly parts: readonly number[];
}

/**
 * Place the jobs of all workers on the coordinator's clock.
 *
 * A worker's durations are its own. Only when it took a job is by its clock, which may be wrong. All
 * jobs of one worker tell by how much it may be: none was taken before it was sent, and none answered
 * before it was done. The difference that is nearest to 0 is used. A job that still does not fit is
 * moved between its sending and its answer.
 */
export function placeJobs(steps: readonly TimelineStep[]): PlacedJob[] {
  const sighted = steps.flatMap((step) => step.jobs.map((job) => sight(step, job)));
  const workers = new Map<string | undefined, SightedJob[]>();
  for (const each of sighted) {
    const { worker } = each.job;
    const others = workers.get(worker);
    if (others) others.push(each);
    else workers.set(worker, [each]);
  }
  return [...workers.values()].flatMap((jobs) => {
    const skew = skewOf(jobs);
    return jobs.map((job) => place(job, skew));
  });
}

/** A job with what its worker did, before it is placed. */
interface SightedJob {
  readonly step: TimelineStep;
  readonly job: JobTrace;
  readonly sentAt: number;
  readonly answeredAt: number;
  /** By the worker's clock, if that were the coordinator's; undefined: it did not say. */
  readonly takenAt: number | undefined;
  /** Of the parts from `start` to `store`. */
  readonly work: readonly number[];
  readonly workMs: number;
}

function sight(step: TimelineStep, job: JobTrace): SightedJob {
  const { told, timing } = job;
  const { loadMs, compileMs = 0, computeMs, encodeMs } = timing;
  const [startMs, storeMs] = [told?.startMs ?? 0, told?.storeMs ?? 0];
  const work = [startMs, loadMs, compileMs, computeMs, encodeMs, storeMs];
  const sentAt = step.startMs + job.sentMs;
  return {
    step,
    job,
    sentAt,
    answeredAt: Math.max(sentAt, step.startMs + job.answeredMs),
    takenAt: told && step.startMs + told.takenAt - step.date,
    work,
    workMs: work.reduce((sum, ms) => sum + ms, 0),
  };
}

/** What to add to the times of a worker's clock. */
function skewOf(jobs: readonly SightedJob[]): number {
  let [least, most] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const { takenAt, sentAt, answeredAt, workMs } of jobs) {
    if (takenAt === undefined) continue;
    least = Math.max(least, sentAt - takenAt);
    most = Math.min(most, answeredAt - workMs - takenAt);
  }
  return least > most ? (least + most) / 2 : Math.min(Math.max(0, least), most);
}

function place({ step, job, takenAt, ...at }: SightedJob, skew: number): PlacedJob {
  const { sentAt, answeredAt, work } = at;
  const whole = answeredAt - sentAt;
  // Longer than the coordinator waited, if a clock was set meanwhile: then only proportions are kept.
  const scale = at.workMs > whole ? whole / at.workMs : 1;
  const workMs = at.workMs * scale;
  const slack = Math.max(0, whole - workMs);
  const taken = takenAt === undefined ? slack : takenAt + skew - sentAt;
  const queueMs = Math.min(slack, Math.max(0, taken));
  const waitMs = Math.max(0, step.startMs + job.takenMs - answeredAt);
  const sumMs = Math.max(0, job.summedMs - job.takenMs);
  const parts = [queueMs, ...work.map((ms) => ms * scale), slack - queueMs, waitMs, sumMs];
  return { step, job, sentAt, parts };
}
