import { type TimelineChart, timelineChart } from './chart.ts';
import { placeJobs } from './place-jobs.ts';
import type { Stretch } from './read-timeline.ts';
import { describeSlowest, describeStretch } from './summary.ts';
import { type StretchTimes, whereTimeGoes } from './where-time-goes.ts';

/** A stretch as pages show it. */
export interface TimelineView {
  readonly title: string;
  readonly chart: TimelineChart;
  readonly times: StretchTimes;
  /** A sentence, or nothing. */
  readonly slowest: string;
}

/** Lay out a stretch for a page. */
export function timelineView(stretch: Stretch): TimelineView {
  const placed = placeJobs(stretch);
  const [slowest] = describeSlowest(placed);
  return {
    title: describeStretch(stretch),
    chart: timelineChart(stretch, placed),
    times: whereTimeGoes(stretch, placed),
    slowest: slowest ? `${slowest}.` : '',
  };
}
