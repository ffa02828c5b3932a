import { formatDuration, formatInteger, formatMetric, formatMs } from '../format.ts';
import { titledMetrics } from '../titled-metrics.ts';
import { type Html, html } from './html.ts';
import type { ReportData } from './report-data.ts';
import { settingRows } from './settings.ts';

const TONES: Readonly<Record<string, string>> = {
  finished: 'good',
  running: 'busy',
  waiting: 'busy',
  failed: 'bad',
};

/** Characters of a setting that has a line to itself. */
const LONG_VALUE = 28;

/** The run's name, its status, and what it trains. */
export function headingSection({ summary, iterations, trainingMs }: ReportData): Html {
  const { config, head, status } = summary;
  const trained = iterations > 0 ? `; ${formatDuration(trainingMs)} of training` : '';
  return html`<header class="heading">
<h1>${config.runId}</h1><span class="status ${TONES[status] ?? 'warn'}">${status}</span>
<p>Preset ${config.preset}, program ${config.program.name}. Begun ${formatTime(config.createdAt)},
last change ${formatTime(head.updatedAt)}${trained}.</p>
</header>`;
}

/** Why the run is not finished, if that needs an explanation. */
export function statusNote({ summary: { head, status, config } }: ReportData): Html[] {
  const after = `after ${formatInteger(head.iteration)} of ${formatInteger(config.iterations)} iterations`;
  if (status === 'failed') {
    const { name, message } = head.error ?? { name: 'Error', message: 'no reason was written' };
    return [note('bad', html`The run failed ${after}. ${name}: ${message}`)];
  }
  if (status === 'interrupted') {
    const command = html`<code>lambduel resume ${config.runId}</code>`;
    return [note('warn', html`Nobody is advancing this run now. Continue it with ${command}.`)];
  }
  if (status === 'finished' || status === 'running' || status === 'waiting') return [];
  return [note('warn', html`The run was ${status} ${after}.`)];
}

function note(tone: string, text: Html): Html {
  return html`<p class="card note ${tone}"><span>${text}</span></p>`;
}

/** The most important figures. */
export function tilesSection(data: ReportData): Html {
  const { config, head } = data.summary;
  const iteration = Math.max(head.iteration, (data.last?.iteration ?? -1) + 1);
  const tiles = [
    tile('Iterations', formatInteger(iteration), ` of ${formatInteger(config.iterations)}`),
    ...titledMetrics(data.declared, data.last?.metrics ?? {}).map(({ title, value }) =>
      tile(title.charAt(0).toUpperCase() + title.slice(1), formatMetric(value)),
    ),
  ];
  if (data.iterations > 0) {
    const perSecond = (config.batch * (data.phases ?? Number.NaN) * 1000) / data.iterationMs;
    tiles.push(tile('Median iteration', formatMs(data.iterationMs), ' ms'));
    if (Number.isFinite(perSecond)) tiles.push(tile('Examples a second', formatInteger(perSecond)));
  }
  return html`<dl class="tiles">${tiles}</dl>`;
}

function tile(title: string, value: string, unit = ''): Html {
  return html`<div><dt>${title}</dt><dd>${value}<small>${unit}</small></dd></div>`;
}

/** Everything that the run's numbers follow from. */
export function settingsSection({ summary: { config } }: ReportData): Html {
  const rows = settingRows(config);
  const isLong = ({ value }: { value: string }) => value.length > LONG_VALUE;
  const items = [...rows.filter((row) => !isLong(row)), ...rows.filter(isLong)].map((row) => {
    const kind = isLong(row) ? 'long' : '';
    return html`<div class="${kind}"><dt>${row.name}</dt><dd class="mono">${row.value}</dd></div>`;
  });
  return html`<section class="card"><h2>Settings</h2><dl class="settings">${items}</dl></section>`;
}

/** Where the run was resumed. The charts show each place as a dashed line. */
export function resumptionsSection({ resumptions }: ReportData): Html[] {
  if (resumptions.length === 0) return [];
  const items = resumptions.map(
    ({ iteration, epoch }) =>
      html`<li>after ${formatInteger(iteration)} iterations, as epoch ${epoch}</li>`,
  );
  const list = html`<ol class="resumptions">${items}</ol>`;
  return [html`<section class="card"><h2>Taken up again</h2>${list}</section>`];
}

function formatTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
