import { roundMs } from '../format.ts';
import { TIMELINE_LABELS } from './part-labels.ts';
import { JOB_PARTS, type PlacedJob } from './place-jobs.ts';
import type { Stretch } from './read-timeline.ts';

/** Rows of workers. More do not fit on a page; those with the most jobs are shown. */
const MAX_WORKERS = 64;
/** Longer names are cut in the picture. */
const NAME_LENGTH = 14;

/** A timeline as the page's script draws it. Times are milliseconds since its start. */
export interface TimelineChart {
  /** What the rows are called; the first one is the coordinator's. */
  readonly rows: readonly string[];
  /** The parts of a job: key and name. */
  readonly parts: readonly { readonly key: string; readonly name: string }[];
  readonly steps: readonly {
    readonly name: string;
    readonly from: number;
    readonly publish: number;
    readonly collected: number;
    readonly apply: number;
  }[];
  /** Row, step by its place, shard, how often it was sent, when it was sent, and then its parts. */
  readonly jobs: readonly (readonly number[])[];
  readonly whole: number;
}

/** Lay out a stretch: the coordinator's row, and one for each worker. */
export function timelineChart(stretch: Stretch, placed: readonly PlacedJob[]): TimelineChart {
  const start = stretch[0]?.startMs ?? 0;
  const workers = workersOf(placed);
  const rowOf = new Map(workers.map((worker, i) => [worker, i + 1]));
  const placeOf = new Map(stretch.map(({ step }, i) => [step, i]));
  const jobs = placed.flatMap(({ step, job, sentAt, parts }) => {
    const row = rowOf.get(job.worker);
    if (row === undefined) return [];
    const times = [sentAt - start, ...parts].map(roundMs);
    return [[row, placeOf.get(step.step) ?? 0, job.index, job.attempts, ...times]];
  });
  const steps = stretch.map((step) => ({
    name:
      step.phase === 'local' ? `Iteration ${step.iteration}` : `Step ${step.step} (${step.phase})`,
    from: roundMs(step.startMs - start),
    publish: roundMs(step.publishedMs),
    collected: roundMs(step.collectedMs),
    apply: roundMs(Math.max(0, step.appliedMs - step.collectedMs)),
  }));
  const ends = stretch.map(({ startMs, appliedMs }) => startMs + appliedMs - start);
  return {
    rows: ['coordinator', ...workers.map(shorten)],
    parts: JOB_PARTS.map((key) => ({ key, name: TIMELINE_LABELS[key] })),
    steps,
    jobs,
    whole: roundMs(Math.max(0, ...ends)),
  };
}

/** In the order of their names. */
function workersOf(placed: readonly PlacedJob[]): (string | undefined)[] {
  const jobs = new Map<string | undefined, number>();
  for (const { job } of placed) jobs.set(job.worker, (jobs.get(job.worker) ?? 0) + 1);
  return [...jobs]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MAX_WORKERS)
    .map(([worker]) => worker)
    .sort((a = '', b = '') => a.localeCompare(b, 'en', { numeric: true }));
}

function shorten(worker = 'no name'): string {
  return worker.length > NAME_LENGTH ? `${worker.slice(0, NAME_LENGTH - 1)}…` : worker;
}
