/**
 * Draws the timeline: a row of boxes for the coordinator and for each worker. Comes after the charts'
 * script, whose `data` and `color` it has.
 */
export const timelineScript = `
if (data.timeline) {
  const { rows, parts, steps, jobs, whole } = data.timeline;
  const ROW = 20;
  const AXES = 50;
  const THIN = ['queue', 'return', 'wait'];
  const holder = document.querySelector('#timeline .plot');
  const told = document.querySelector('#timeline .told');
  const hint = told.textContent;
  const height = rows.length * ROW + AXES;
  const boxes = [];
  let timelinePlot = null;

  for (const { name, from, publish, collected, apply } of steps) {
    boxes.push({ row: 0, key: 'publish', from, to: from + publish, text: name + ': writing weights' });
    const end = from + collected;
    boxes.push({ row: 0, key: 'apply', from: end, to: end + apply, text: name + ': making the next state' });
  }
  for (const [row, step, index, attempts, sent, ...times] of jobs) {
    let at = sent;
    const again = attempts > 1 ? ', sent ' + attempts + ' times' : '';
    times.forEach((ms, i) => {
      const { key, name } = parts[i];
      const text = steps[step].name + ', shard ' + index + again + ': ' + name;
      boxes.push({ row: key === 'sum' ? 0 : row, key, from: at, to: at + ms, text, thin: THIN.includes(key) });
      at += ms;
    });
  }

  const drawBoxes = (plot) => {
    const { ctx, bbox } = plot;
    const size = bbox.height / rows.length;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.fillStyle = color('--line');
    for (const { from } of steps) {
      ctx.fillRect(Math.round(plot.valToPos(from, 'x', true)), bbox.top, devicePixelRatio, bbox.height);
    }
    for (const thin of [true, false]) {
      for (const box of boxes) {
        if (Boolean(box.thin) !== thin || box.to === box.from) continue;
        const left = plot.valToPos(box.from, 'x', true);
        const width = Math.max(1, plot.valToPos(box.to, 'x', true) - left);
        ctx.fillStyle = color('--bar-' + box.key);
        const share = thin ? 0.12 : 0.7;
        ctx.fillRect(left, bbox.top + (box.row + (1 - share) / 2) * size, width, share * size);
      }
    }
    ctx.restore();
  };

  const tellBox = (plot) => {
    const { left, top } = plot.cursor;
    if (!(left >= 0 && top >= 0)) {
      told.textContent = hint;
      return;
    }
    const at = plot.posToVal(left, 'x');
    const row = Math.floor((top / plot.over.clientHeight) * rows.length);
    const under = boxes.filter((box) => box.row === row && box.from <= at && at <= box.to);
    const box = under.find(({ thin }) => !thin) ?? under[0];
    told.textContent = box ? box.text + ', ' + (box.to - box.from).toFixed(2) + ' ms' : hint;
  };

  const drawTimeline = () => {
    timelinePlot?.destroy();
    const axis = { stroke: color('--soft'), font: '12px system-ui, sans-serif', ticks: { show: false } };
    timelinePlot = new uPlot({
      width: holder.clientWidth, height, legend: { show: false }, padding: [8, 20, 0, 0],
      cursor: { points: { show: false }, drag: { x: true, y: false } },
      scales: { x: { time: false }, y: { range: [0, rows.length] } },
      axes: [
        { ...axis, size: 30, space: 64, grid: { show: false },
          values: (_, splits) => splits.map((ms) => ms.toLocaleString('en-US') + ' ms') },
        { ...axis, size: 112, grid: { show: false },
          splits: () => rows.map((_, i) => rows.length - i - 0.5), values: () => rows },
      ],
      series: [{}, {}],
      hooks: { draw: [drawBoxes], setCursor: [tellBox] },
    }, [[0, whole], [null, null]], holder);
  };

  holder.style.height = height + 'px';
  drawTimeline();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawTimeline);
  new ResizeObserver(() => {
    if (holder.clientWidth !== timelinePlot.width) timelinePlot.setSize({ width: holder.clientWidth, height });
  }).observe(document.querySelector('main'));
}
`;
