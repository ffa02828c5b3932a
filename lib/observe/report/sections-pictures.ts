import { formatInteger } from '../format.ts';
import type { Chart } from './charts.ts';
import { Html, html } from './html.ts';
import type { ReportData } from './report-data.ts';

/** Small grids are shown larger, by whole numbers, so that every pixel stays a square. */
const GRID_WIDTH = 480;

/** The places that the page's script draws the charts in. */
export function chartsSection({ charts }: ReportData): Html {
  if (charts.length === 0) {
    return html`<section class="card"><h2>Losses</h2>
<p class="empty">No metrics are stored yet. They come every few seconds, and with each checkpoint.</p></section>`;
  }
  return html`<div class="pair">${charts.map(chartCard)}</div>`;
}

function chartCard({ id, title }: Chart): Html {
  return html`<section class="card" id="${id}"><h2>${title}</h2>
<div class="legend"></div><div class="plot"><noscript>The curves need JavaScript.</noscript></div></section>`;
}

/** The sample grids, the last one first; a script makes them play. */
export function samplesSection({ grids: { shown, stored } }: ReportData): Html {
  const last = shown.at(-1);
  if (!last) {
    return html`<section class="card samples"><h2>Samples</h2>
<p class="empty">No sample grid is drawn yet.</p></section>`;
  }
  const scale = Math.max(1, Math.round(GRID_WIDTH / Math.max(1, last.width)));
  const size = new Html(String(last.width * scale));
  const thinned = stored > shown.length ? html` (of ${formatInteger(stored)} stored)` : html``;
  return html`<section class="card samples"><h2>Samples from the same noise${thinned}</h2><figure>
<img id="grid" src="${new Html(last.url)}" alt="Images that the generator drew" style="max-width:${size}px">
<div class="player"><button id="grid-play" type="button">Play</button>
<input id="grid-slider" type="range" min="0" max="${shown.length - 1}" value="${shown.length - 1}" aria-label="Sample grid"></div>
<figcaption id="grid-caption">After ${formatInteger(last.iteration)} iterations</figcaption></figure></section>`;
}
