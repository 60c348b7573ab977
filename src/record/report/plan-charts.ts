/** Cost and time of each plan. */
export const PLAN_CHARTS = String.raw`
const planTimes = run.plans.map((plan) => plan.step * run.period);
const planEntry = (step) => Math.max(0, planAt(step));

const costChart = () => {
  const [first, last] = ['first', 'last'].map((key) => run.plans.map((plan) => plan[key]));
  const dots = (name) => ({ show: run.plans.length < 80, size: 6, fill: color(name) });
  return makeChart('cost', {
    data: [planTimes, first, last],
    series: [
      line('first iteration', 'gold', { dash: [6, 4], points: dots('gold'), value: (u, v) => number(v) }),
      line('last iteration', 'blue', { points: dots('blue'), value: (u, v) => number(v) }),
    ],
    axes: [valueAxis('cost')],
    scales: {},
    hooks: {},
    entryAt: planEntry,
  });
};

const drawDeadline = (u) => {
  if (run.deadlineMs === null || run.deadlineMs > u.scales.y.max) return;
  inside(u, (ctx, x, y) => {
    const at = y(run.deadlineMs, 'y');
    ctx.strokeStyle = ctx.fillStyle = color('orange');
    ctx.lineWidth = 2 * pixels();
    ctx.setLineDash([8 * pixels(), 4 * pixels()]);
    ctx.beginPath();
    ctx.moveTo(u.bbox.left, at);
    ctx.lineTo(u.bbox.left + u.bbox.width, at);
    ctx.stroke();
    ctx.font = 12 * pixels() + 'px system-ui, sans-serif';
    ctx.textAlign = 'right';
    ctx.fillText('deadline', u.bbox.left + u.bbox.width - 6 * pixels(), at - 5 * pixels());
  });
};

const latencyChart = () => {
  const total = run.plans.map((plan) => plan.totalMs);
  const searched = run.plans.map((plan) => (plan.encodeMs ?? 0) + (plan.searchMs ?? 0));
  const encoded = run.plans.map((plan) => plan.encodeMs);
  const bars = uPlot.paths.bars({ size: [0.7, 18 * pixels(), 2], align: 1 });
  const stack = (label, name, own) => line(label, name, { fill: color(name), width: 0, paths: bars, value: (u, v, s, i) => (i === null ? '–' : number(own(run.plans[i])) + ' ms') });
  const top = Math.max(...total);
  const shown = run.deadlineMs !== null && run.deadlineMs < 4 * top ? [run.deadlineMs * 1.15] : [];
  return makeChart('latency', {
    data: [planTimes, total, searched, encoded],
    series: [
      stack('rest', 'soft', (p) => Math.max(0, p.totalMs - p.encodeMs - p.searchMs)),
      stack('search', 'blue', (p) => p.searchMs),
      stack('encode', 'green', (p) => p.encodeMs),
    ],
    axes: [valueAxis('ms')],
    scales: { y: { range: zeroBased([...total, ...shown]) } },
    hooks: { draw: [drawDeadline] },
    entryAt: planEntry,
    points: { show: false },
  });
};
`;
