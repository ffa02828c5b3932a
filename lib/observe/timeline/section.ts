import { formatMs, formatPercent } from '../format.ts';
import { Html, html } from '../report/html.ts';
import { TIMELINE_LABELS } from './part-labels.ts';
import type { TimelineView } from './timeline-view.ts';
import { STRETCH_PARTS, type StretchPart, type StretchTimes } from './where-time-goes.ts';

/** Where there is nothing to draw, and why. */
export const NO_TIMELINE =
  'No timeline is stored: the run has not traced its first iterations yet, or is of an earlier version.';

/** The jobs of a few iterations as bars by worker, and where their time went. */
export function timelineSection(view: TimelineView | undefined): Html {
  if (!view) {
    return html`<section class="card"><h2>Timeline</h2><p class="empty">${NO_TIMELINE}</p></section>`;
  }
  const { title, times, slowest } = view;
  return html`<section class="card" id="timeline"><h2>Timeline: ${title}</h2>
<div class="legend">${DRAWN.map((part) => html`<span>${swatch(part)}${TIMELINE_LABELS[part]}</span>`)}</div>
<div class="plot"><noscript>The bars need JavaScript.</noscript></div>
<p class="hint told">Point at a bar to see what it is. Drag to zoom in, double-click to zoom out.</p>
${shares(times)}
<p class="hint">Shares of the whole time, by what the job was doing that each step waited for last.
${slowest} Durations are the workers’ own, and their clocks are corrected by what was sent and answered when.</p></section>`;
}

/** Smaller shares have no place in the legend. */
const LEAST_TOLD = 0.005;

/** Parts with a colour of their own in the picture. */
const DRAWN: readonly StretchPart[] = STRETCH_PARTS.filter(
  (part) => !['send', 'return', 'wait', 'between'].includes(part),
);

function swatch(part: StretchPart): Html {
  return html`<i style="background:var(--bar-${new Html(part)})"></i>`;
}

function shares(times: StretchTimes): Html {
  const whole = Object.values(times).reduce((sum, ms) => sum + ms, 0) || 1;
  const parts = STRETCH_PARTS.filter((part) => times[part] > 0);
  const isVisible = (part: StretchPart) => times[part] / whole >= LEAST_TOLD;
  const told = (part: StretchPart) =>
    `${TIMELINE_LABELS[part]} ${formatPercent(times[part] / whole)}`;
  const bars = parts.map((part) => {
    const size = new Html((times[part] / whole).toFixed(4));
    const title = `${TIMELINE_LABELS[part]}: ${formatMs(times[part])} ms`;
    return html`<div style="flex-grow:${size};background:var(--bar-${new Html(part)})" title="${title}"></div>`;
  });
  return html`<div class="share-bar" role="img" aria-label="${parts.map(told).join(', ')}">${bars}</div>
<div class="share-legend">${parts.filter(isVisible).map((part) => html`<span>${swatch(part)}${told(part)}</span>`)}</div>`;
}

/** The colours of the parts. */
export const timelineStyle = `
:root {
  --bar-publish: #8e7cf0; --bar-send: #b9aef7; --bar-queue: #b4bac6; --bar-start: #c62f35;
  --bar-load: #4aa8e0; --bar-compile: #a63fd0; --bar-compute: #2fa36b; --bar-encode: #b3a12f;
  --bar-store: #8a6d4b; --bar-return: #b4bac6; --bar-wait: #d5d9e0; --bar-sum: #e8a13a;
  --bar-apply: #d9730d; --bar-between: #e3e6eb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bar-publish: #8f80e6; --bar-send: #5f559c; --bar-queue: #5a6475; --bar-start: #f2777a;
    --bar-load: #4a9fd1; --bar-compile: #cf8af0; --bar-compute: #38a673; --bar-encode: #c9b84a;
    --bar-store: #b08f68; --bar-return: #5a6475; --bar-wait: #3a424f; --bar-sum: #d99a3c;
    --bar-apply: #f2a154; --bar-between: #282e37;
  }
}
.told { min-height: 20px; margin-bottom: 12px; }
`;
