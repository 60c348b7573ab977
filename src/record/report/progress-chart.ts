/** Time to go as predicted and as imagined, and the true distance on an axis of its own. */
export const PROGRESS_CHART = String.raw`
const drawImagined = (u) =>
  inside(u, (ctx, x, y) => {
    const present = planAt(now.step);
    ctx.strokeStyle = color('blue');
    run.plans.forEach((plan, i) => {
      const points = [plan.toGo, ...plan.imagined].map((v, k) => [(plan.step + k * run.repeat) * run.period, v]);
      ctx.globalAlpha = i === present ? 0.95 : 0.22;
      ctx.lineWidth = (i === present ? 2 : 1) * pixels();
      ctx.beginPath();
      points.forEach(([t, v]) => {
        if (v !== null) ctx.lineTo(x(t), y(v, 'togo'));
      });
      ctx.stroke();
    });
  });

const drawArrival = (u) => {
  if (run.success === null) return;
  inside(u, (ctx, x) => {
    const { top, height } = u.bbox;
    const at = Math.min(x(run.success * run.period), u.bbox.left + u.bbox.width - pixels());
    ctx.strokeStyle = ctx.fillStyle = color('green');
    ctx.lineWidth = 2 * pixels();
    ctx.beginPath();
    ctx.moveTo(at, top);
    ctx.lineTo(at, top + height);
    ctx.stroke();
    ctx.font = 12 * pixels() + 'px system-ui, sans-serif';
    ctx.textAlign = 'right';
    ctx.fillText('goal reached', at - 6 * pixels(), top + 14 * pixels());
  });
};

const progressChart = () => {
  const toGo = times.map(() => null);
  run.plans.forEach((plan) => (toGo[plan.step] = plan.toGo));
  const distances = times.map((_, step) => run.distances[step] ?? null);
  const all = run.plans.flatMap((plan) => [plan.toGo, ...plan.imagined]);
  const below = belowZero(hasToGo ? all : [], hasDistance ? distances : []);
  const series = [];
  const axes = [];
  if (hasToGo) {
    const dots = { show: true, size: 7, fill: color('blue'), stroke: color('card'), width: 1 };
    series.push(line('predicted steps to go', 'blue', { scale: 'togo', paths: () => null, points: dots, value: (u, v) => number(v) }));
    axes.push(valueAxis('steps to go', { scale: 'togo' }));
  }
  if (hasDistance) {
    series.push(line('true distance', 'orange', { scale: 'distance', dash: [7, 4], value: (u, v) => inUnit(v) }));
    const right = hasToGo ? { side: 1, grid: { show: false } } : {};
    axes.push(valueAxis('distance' + (run.unit ? ' (' + run.unit + ')' : ''), { scale: 'distance', ...right }));
  }
  return makeChart('progress', {
    data: [times, ...(hasToGo ? [toGo] : []), ...(hasDistance ? [distances] : [])],
    series,
    axes,
    scales: { togo: { range: zeroBased(all, below) }, distance: { range: zeroBased(distances, below) } },
    hooks: { drawAxes: hasToGo ? [drawImagined, drawArrival] : [drawArrival], setCursor: hasToGo ? [(u) => repaint(u)] : [] },
    entryAt: (step, s) => (hasToGo && s === 1 ? (planSteps[planAt(step)] ?? 0) : step),
  });
};
/* The bold line belongs to the present plan: paint again when that changes. */
let painted = -1;
const repaint = (u) => {
  if (painted === planAt(now.step)) return;
  painted = planAt(now.step);
  u.redraw(false);
};
`;
