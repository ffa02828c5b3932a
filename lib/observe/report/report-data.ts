import type { MetricSpec } from '../../program/metric-spec.ts';
import type { ProgramRegistry } from '../../program/registry.ts';
import type { IterationReport } from '../../run/events.ts';
import { type RunSummary, summarize } from '../../run/record/runs.ts';
import type { Store } from '../../store/store.ts';
import { readMetrics } from '../metrics.ts';
import { phasesOf } from '../phases.ts';
import { readTimeline } from '../timeline/read-timeline.ts';
import { type TimelineView, timelineView } from '../timeline/timeline-view.ts';
import { declaredMetrics } from '../titled-metrics.ts';
import { type Chart, chartsOf } from './charts.ts';
import { type Grids, readGrids } from './grids.ts';
import { type PhaseTiming, spreadOf, timingByPhase } from './timing.ts';

/** An iteration at which the run was resumed. */
export interface Resumption {
  /** Iterations complete in the checkpoint that it continued from. */
  readonly iteration: number;
  readonly epoch: number;
}

/** All that a report says. */
export interface ReportData {
  readonly summary: RunSummary;
  /** The metrics that the run's program declares. */
  readonly declared: readonly MetricSpec[];
  /** Batches per iteration; undefined: the program is not known here. */
  readonly phases: number | undefined;
  /** Iterations whose metrics are stored. */
  readonly iterations: number;
  readonly last: IterationReport | undefined;
  /** Milliseconds of the usual iteration. */
  readonly iterationMs: number;
  /** Wall time of all steps that count. */
  readonly trainingMs: number;
  readonly charts: readonly Chart[];
  readonly timing: readonly PhaseTiming[];
  readonly resumptions: readonly Resumption[];
  readonly grids: Grids;
  /** The last iterations of which it is recorded. */
  readonly timeline: TimelineView | undefined;
}

/** Collect what the store has of a run, at any moment. @throws RunNotFoundError */
export async function gatherReport(
  store: Store,
  runId: string,
  programs: ProgramRegistry,
): Promise<ReportData> {
  const summary = await summarize(store, runId);
  const declared = declaredMetrics(programs, summary.config);
  const reports = await readMetrics(store, runId);
  const stretch = await readTimeline(store, runId);
  return {
    summary,
    declared,
    phases: phasesOf(programs, summary.config),
    iterations: reports.length,
    last: reports.at(-1),
    iterationMs: spreadOf(reports.map(({ ms }) => ms)).median,
    trainingMs: reports.reduce((total, { ms }) => total + ms, 0),
    charts: chartsOf(declared, reports),
    timing: timingByPhase(reports),
    resumptions: resumptionsOf(reports),
    grids: await readGrids(store, runId),
    timeline: stretch && timelineView(stretch),
  };
}

/** Where the epoch grows from one iteration that counts to the next. */
function resumptionsOf(reports: readonly IterationReport[]): Resumption[] {
  return reports.flatMap(({ iteration, epoch }, i) => {
    const before = reports[i - 1];
    return before && before.epoch !== epoch ? [{ iteration, epoch }] : [];
  });
}
