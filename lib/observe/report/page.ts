import { createHash } from 'node:crypto';
import type { ChartLibrary } from './chart-library.ts';
import { chartsScript } from './client-charts.ts';
import { samplesScript } from './client-samples.ts';
import { Html, html, inlineScript, jsonElement } from './html.ts';
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
import { pageStyle } from './styles.ts';

/**
 * A report as one page that loads nothing. Its policy allows only its own scripts, by their hashes,
 * and pictures that are part of it.
 */
export function renderPage(data: ReportData, library: ChartLibrary): string {
  const scripts = [library.script, `${chartsScript}${samplesScript}`].map(inlineScript);
  const { runId } = data.summary.config;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(policy(scripts))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${runId}: Lambduel run</title>
<link rel="icon" href="data:,">
<style>${new Html(library.style)}${new Html(pageStyle)}</style>
</head>
<body>
<main>
${headingSection(data)}
${statusNote(data)}
${tilesSection(data)}
${chartsSection(data)}
<div class="pair">${samplesSection(data)}
<div class="stack">${timingSection(data)}${resumptionsSection(data)}</div></div>
${settingsSection(data)}
</main>
${jsonElement('data', clientData(data))}
${scripts.map((script) => new Html(`<script>${script}</script>`))}
</body>
</html>
`;
  return page.markup;
}

function clientData({ charts, resumptions, grids }: ReportData) {
  return {
    charts,
    resumptions: resumptions.map(({ iteration }) => iteration),
    grids: grids.shown.map(({ iteration, url }) => ({ iteration, url })),
  };
}

function policy(scripts: readonly string[]): string {
  const hashes = scripts.map(
    (script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  return `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src ${hashes.join(' ')}`;
}
