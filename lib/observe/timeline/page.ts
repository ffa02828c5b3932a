import type { RunConfig } from '../../run/record/config.ts';
import type { ChartLibrary } from '../report/chart-library.ts';
import { chartsScript } from '../report/client-charts.ts';
import { html } from '../report/html.ts';
import { renderShell } from '../report/shell.ts';
import { timelineScript } from './client-timeline.ts';
import type { Stretch } from './read-timeline.ts';
import { timelineSection } from './section.ts';
import { timelineView } from './timeline-view.ts';

/** A stretch of a run's timeline as a page that loads nothing. */
export function renderTimeline(
  { runId, batch, shards, backend }: RunConfig,
  stretch: Stretch,
  library: ChartLibrary,
): string {
  const view = timelineView(stretch);
  const main = html`<header class="heading"><h1>${runId}</h1>
<p>Batch ${batch} in ${shards} shards, ${backend} backend.</p></header>
${timelineSection(view)}`;
  const data = { charts: [], resumptions: [], timeline: view.chart };
  const script = `${chartsScript}${timelineScript}`;
  return renderShell({ title: `${runId}: timeline`, main, data, script }, library);
}
