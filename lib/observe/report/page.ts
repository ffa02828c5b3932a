import { timelineScript } from '../timeline/client-timeline.ts';
import { timelineSection } from '../timeline/section.ts';
import type { ChartLibrary } from './chart-library.ts';
import { chartsScript } from './client-charts.ts';
import { samplesScript } from './client-samples.ts';
import { html } from './html.ts';
import type { ReportData } from './report-data.ts';
import { chartsSection, samplesSection } from './sections-pictures.ts';
import {
  headingSection,
  resumptionsSection,
  settingsSection,
  statusNote,
  tilesSection,
} from './sections-run.ts';
import { timingSection } from './sections-timing.ts';
import { renderShell } from './shell.ts';

/** A report as one page that loads nothing. */
export function renderPage(data: ReportData, library: ChartLibrary): string {
  const { runId } = data.summary.config;
  const main = html`${headingSection(data)}
${statusNote(data)}
${tilesSection(data)}
${chartsSection(data)}
<div class="pair">${samplesSection(data)}
<div class="stack">${timingSection(data)}${resumptionsSection(data)}</div></div>
${timelineSection(data.timeline)}
${settingsSection(data)}`;
  const script = `${chartsScript}${samplesScript}${timelineScript}`;
  const title = `${runId}: Lambduel run`;
  return renderShell({ title, main, data: clientData(data), script }, library);
}

function clientData({ charts, resumptions, grids, timeline }: ReportData) {
  return {
    charts,
    resumptions: resumptions.map(({ iteration }) => iteration),
    grids: grids.shown.map(({ iteration, url }) => ({ iteration, url })),
    ...(timeline && { timeline: timeline.chart }),
  };
}
