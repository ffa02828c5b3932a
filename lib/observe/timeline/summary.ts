import { formatCount, formatMs, formatPercent } from '../format.ts';
import { TIMELINE_LABELS } from './part-labels.ts';
import { type PlacedJob, placeJobs } from './place-jobs.ts';
import type { Stretch } from './read-timeline.ts';
import { STRETCH_PARTS, whereTimeGoes, workerTimes } from './where-time-goes.ts';

/** A stretch in lines of text: what it is, the shares of its time, and the slowest worker. */
export function timelineSummary(stretch: Stretch): string[] {
  const placed = placeJobs(stretch);
  const times = whereTimeGoes(stretch, placed);
  const whole = Object.values(times).reduce((sum, ms) => sum + ms, 0);
  const lines = STRETCH_PARTS.filter((part) => times[part] > 0).map((part) => {
    const share = formatPercent(times[part] / (whole || 1));
    const ms = formatMs(times[part]);
    return `  ${TIMELINE_LABELS[part].padEnd(28)} ${ms.padStart(9)} ms ${share.padStart(5)}`;
  });
  return [
    `${describeStretch(stretch)}: ${formatMs(whole)} ms`,
    ...lines,
    ...describeSlowest(placed),
  ];
}

/** Which iterations, how many steps and workers. */
export function describeStretch(stretch: Stretch): string {
  const [first, last] = [stretch[0]?.iteration ?? 0, stretch.at(-1)?.iteration ?? 0];
  const which = first === last ? `Iteration ${first}` : `Iterations ${first} to ${last}`;
  const workers = new Set(stretch.flatMap(({ jobs }) => jobs.map(({ worker }) => worker)));
  const what = stretch.every(({ phase }) => phase === 'local') ? 'round' : 'step';
  return `${which}, ${formatCount(stretch.length, what)}, ${formatCount(workers.size, 'worker')}`;
}

/** The worker that took longest for a job, in a line; none where no worker said who it is. */
export function describeSlowest(placed: readonly PlacedJob[]): string[] {
  const workers = workerTimes(placed);
  const [first] = workers;
  if (!first) return [];
  const jobs = workers.reduce((sum, worker) => sum + worker.jobs, 0);
  const meanMs = workers.reduce((sum, worker) => sum + worker.jobs * worker.meanMs, 0) / jobs;
  const last = `the last one in ${formatCount(first.lastOf, 'step')}`;
  return [
    `Slowest worker: ${first.worker}, ${formatMs(first.meanMs)} ms per job (all: ${formatMs(meanMs)} ms), ${last}`,
  ];
}
