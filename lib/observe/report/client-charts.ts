/** Draws the charts. Runs in the page: it has uPlot, the element `data`, and nothing else. */
export const chartsScript = `
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const HEIGHT = 240;
const marks = { sample: null };
let plots = [];

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function show(value) {
  if (value === null || value === undefined) return '–';
  return Math.abs(value) >= 1000 ? value.toPrecision(5) : value.toFixed(4);
}

function iterations(from, to) {
  const [first, last] = [from, to].map((iteration) => iteration.toLocaleString('en-US'));
  return from === to ? 'iteration ' + last : 'mean of ' + first + '–' + last;
}

// The resumptions as dashed lines, and where the shown sample grid belongs.
function drawMarks(plot) {
  const { ctx, bbox } = plot;
  const line = (iteration, stroke, dash) => {
    const x = Math.round(plot.valToPos(iteration, 'x', true)) + 0.5;
    if (x < bbox.left || x > bbox.left + bbox.width) return;
    ctx.strokeStyle = stroke;
    ctx.setLineDash(dash);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  };
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  for (const iteration of data.resumptions) line(iteration, color('--warn'), [4, 4]);
  if (marks.sample !== null) line(marks.sample, color('--soft'), [1, 3]);
  ctx.restore();
}

function legendOf(chart) {
  const element = document.querySelector('#' + chart.id + ' .legend');
  const last = chart.to.length - 1;
  return (index) => {
    const at = index ?? last;
    const where = document.createElement('span');
    where.className = 'soft';
    where.textContent = iterations(chart.from[at], chart.to[at]);
    element.replaceChildren(...chart.series.map((series) => {
      const item = document.createElement('span');
      const swatch = document.createElement('i');
      const value = document.createElement('b');
      swatch.style.background = 'var(--tone-' + (series.tone % 4) + ')';
      value.textContent = show(series.mean[at]);
      item.append(swatch, series.title, value);
      return item;
    }), where);
  };
}

// Each curve is three series: its mean, and the extremes with a tint between them.
function draw(chart) {
  const holder = document.querySelector('#' + chart.id + ' .plot');
  const setLegend = legendOf(chart);
  const series = [{}];
  const bands = [];
  const x = chart.from.map((from, i) => (from + chart.to[i]) / 2);
  const end = chart.to.at(-1);
  const columns = [x];
  for (const { mean, min, max, tone } of chart.series) {
    const stroke = color('--tone-' + (tone % 4));
    bands.push({ series: [columns.length + 2, columns.length + 1], fill: stroke + '2e' });
    columns.push(mean, min, max);
    const edge = { stroke: 'transparent', points: { show: false } };
    const alone = x.length === 1;
    series.push({ stroke, width: 1.5, points: { show: alone, fill: stroke } }, edge, edge);
  }
  const axis = { stroke: color('--soft'), font: '12px system-ui, sans-serif',
    grid: { stroke: color('--grid'), width: 1 }, ticks: { show: false } };
  // The whole run goes from 0 to its last iteration, not from point to point.
  const whole = (_, min, max) => [min === x[0] ? 0 : min, max === x.at(-1) ? end : max];
  const plot = new uPlot({
    width: holder.clientWidth, height: HEIGHT, legend: { show: false }, padding: [8, 20, 0, 0],
    cursor: { sync: { key: 'run' }, y: false, points: { size: 8 } },
    scales: { x: { time: false, range: whole }, y: chart.range ? { range: chart.range } : {} },
    axes: [
      { ...axis, grid: { show: false }, size: 30, space: 64,
        values: (_, splits) => splits.map((v) => (v % 1 ? '' : v.toLocaleString('en-US'))) },
      { ...axis, size: 44 },
    ],
    series, bands,
    hooks: { draw: [drawMarks], setCursor: [(self) => setLegend(self.cursor.idx)] },
  }, columns, holder);
  setLegend(null);
  return { plot, holder };
}

function drawAll() {
  for (const { plot } of plots) plot.destroy();
  plots = data.charts.map(draw);
}

function markSample(iteration) {
  marks.sample = iteration;
  for (const { plot } of plots) plot.redraw(false);
}

drawAll();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
new ResizeObserver(() => {
  for (const { plot, holder } of plots) {
    const width = holder.clientWidth;
    if (width !== plot.width) plot.setSize({ width, height: HEIGHT });
  }
}).observe(document.querySelector('main'));
`;
