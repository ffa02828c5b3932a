import { STEP_PARTS } from '../../run/events.ts';
import { formatMs, formatPercent } from '../format.ts';
import { Html, html } from './html.ts';
import type { ReportData } from './report-data.ts';
import type { PhaseTiming, Spread } from './timing.ts';

/**
 * How long the parts of a step take, by phase, or those of a round where iterations are local: as a
 * table, and as shares of the whole.
 */
export function timingSection({ timing, summary }: ReportData): Html {
  const { localIterations } = summary.config;
  const what = localIterations > 0 ? 'round' : 'step';
  const heading = html`<h2>Timing of a ${what}, in milliseconds</h2>`;
  if (timing.length === 0) {
    return html`<section class="card">${heading}<p class="empty">No step is recorded yet.</p></section>`;
  }
  return html`<section class="card">${heading}
<div class="scroll">${table(timing, what)}</div>
<div class="share">${timing.map(shareBar)}</div>
<div class="share-legend">${shareLegend(timing)}</div>
<p class="hint">Compute is the slowest worker’s part of collecting: it adds nothing to the whole.
The bars are shares of all of them.${compiling(timing)}</p></section>`;
}

/** Compiling happens in few steps, so neither a median nor a percentile shows it. */
function compiling(timing: readonly PhaseTiming[]): string {
  const compiled = timing.filter(({ compileMs }) => compileMs > 0);
  if (compiled.length === 0) return '';
  const parts = compiled.map(({ phase, compileMs }) => `${formatMs(compileMs)} for ${phase}`);
  return ` Compiling gradients took ${parts.join(', ')} in all, as part of compute.`;
}

function table(timing: readonly PhaseTiming[], what: string): Html {
  const headings = timing.map(
    ({ phase }) => html`<th scope="col">${phase} median</th><th scope="col">${phase} p95</th>`,
  );
  const cells = ({ median, p95 }: Spread) =>
    html`<td>${formatMs(median)}</td><td>${formatMs(p95)}</td>`;
  const rows = STEP_PARTS.map((part, i) => {
    const values = timing.map(({ parts }) => cells(parts[i] ?? { median: 0, p95: 0 }));
    return html`<tr><th scope="row">${part}</th>${values}</tr>`;
  });
  const whole = timing.map((phase) => cells(phase.whole));
  return html`<table><thead><tr><th scope="col">part</th>${headings}</tr></thead>
<tbody>${rows}</tbody><tfoot><tr><th scope="row">whole ${what}</th>${whole}</tr></tfoot></table>`;
}

function shareBar({ phase, shares }: PhaseTiming): Html {
  const parts = shares.map(({ part, share }, i) => {
    const size = new Html(share.toFixed(4));
    const title = `${part}: ${formatPercent(share)}`;
    return html`<div style="flex-grow:${size};background:var(--part-${i})" title="${title}"></div>`;
  });
  const label = shares.map(({ part, share }) => `${part} ${formatPercent(share)}`).join(', ');
  return html`<span>${phase}</span><div class="share-bar" role="img" aria-label="${label}">${parts}</div>`;
}

function shareLegend(timing: readonly PhaseTiming[]): Html[] {
  return (timing[0]?.shares ?? []).map(({ part }, i) => {
    const values = timing.map(({ shares }) => formatPercent(shares[i]?.share ?? 0)).join(' / ');
    return html`<span><i style="background:var(--part-${i})"></i>${part} ${values}</span>`;
  });
}
