/** What all charts share: axes, colours, the common time axis, and the present step as a vertical line. */
export const CHART_SCRIPT = String.raw`
const HEIGHT = 190;
const SMALL = 480;
const gutter = () => (byId('charts').clientWidth < SMALL ? 54 : 60);
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
const LINES = ['blue', 'orange', 'green', 'purple', 'gold', 'sky'];
const times = Array.from({ length: run.steps + 1 }, (_, step) => step * run.period);
const span = Math.max(run.period, run.steps * run.period);
const hasDistance = run.distances.some((v) => v !== null);
const hasToGo = run.plans.some((plan) => plan.toGo !== null);

const timeAxis = () => ({
  stroke: color('soft'),
  grid: { stroke: color('grid'), width: 1 },
  ticks: { show: false },
  size: 26,
  space: 60,
  values: (u, marks) => marks.map((v) => number(v) + ' s'),
});
const valueAxis = (label, more) => ({
  stroke: color('soft'),
  grid: { stroke: color('grid'), width: 1 },
  ticks: { show: false },
  size: gutter() - 18,
  label,
  labelSize: 18,
  labelFont: '12px system-ui, sans-serif',
  space: 34,
  values: (u, marks) => marks.map(number),
  ...more,
});
const line = (label, name, more) => ({ label, stroke: color(name), width: 2, points: { show: false }, ...more });

/* Least and greatest value, zero included. */
const extent = (values) => {
  const known = values.filter((v) => v !== null && v !== undefined);
  return [Math.min(0, ...known), Math.max(0, ...known)];
};
/* A range with some air; below is how much of it lies under zero, as a part of what lies above. */
const zeroBased = (values, below = 0) => {
  const [low, high] = extent(values);
  const air = (high - low || 1) * 0.06;
  const bottom = low < 0 ? low - air : 0;
  return [Math.min(bottom, -below * (high + air)), high + air];
};
/* For two axes whose zeros shall be level. */
const belowZero = (...lists) => Math.max(...lists.map((values) => {
  const [low, high] = zeroBased(values);
  return high > 0 ? -low / high : 0;
}));

/* A person points at a chart: the whole page goes there. While it plays, only a press takes the clock. */
const listen = (u) => {
  const go = (event) => {
    const left = event.clientX - u.over.getBoundingClientRect().left;
    seek(u.posToVal(left, 'x') / run.period);
  };
  u.over.addEventListener('pointerdown', go);
  u.over.addEventListener('pointermove', (event) => {
    if (!now.playing) go(event);
  });
};

const place = (u, step) => u.setCursor({ left: u.valToPos(step * run.period, 'x'), top: -10 });
const deaf = () => null;
const bind = { mousedown: deaf, mouseup: deaf, click: deaf, dblclick: deaf, mousemove: deaf, mouseleave: deaf, mouseenter: deaf };

const makeChart = (id, { data, series, axes, scales, hooks, entryAt, points = {} }) => {
  const host = byId('plot-' + id);
  const u = new uPlot(
    {
      width: host.clientWidth,
      height: HEIGHT,
      padding: [10, axes.length > 1 ? 0 : byId('charts').clientWidth < SMALL || !(hasToGo && hasDistance) ? 14 : gutter(), 0, 0],
      cursor: { y: false, points, drag: { x: false, y: false }, bind, dataIdx: (u, s, closest) => entryAt(now.step, s, closest) },
      legend: { live: true, markers: { fill: (u, s) => u.series[s].stroke() } },
      series: [{ label: 'time', value: (u, v) => (v === null ? '–' : v.toFixed(2) + ' s') }, ...series],
      axes: [timeAxis(), ...axes],
      scales: { x: { time: false, range: [0, span] }, ...scales },
      hooks: { ready: [listen, (u) => place(u, now.step)], ...hooks },
    },
    data,
    host,
  );
  return u;
};

const charts = [];
const buildCharts = () => {
  charts.splice(0).forEach((u) => u.destroy());
  Object.entries(CHARTS).forEach(([id, build]) => {
    if (byId('plot-' + id)) charts.push(build());
  });
};
const mark = (step) => charts.forEach((u) => place(u, step));
watchers.push(mark);
let width = 0;
new ResizeObserver(([entry]) => {
  const size = Math.round(entry.contentRect.width);
  if (size === width) return;
  width = size;
  buildCharts();
}).observe(byId('charts'));

/* Runs draw(context, x, y) clipped to the plot, in pixels of the canvas. */
const inside = (u, draw) => {
  const { left, top, width, height } = u.bbox;
  u.ctx.save();
  u.ctx.beginPath();
  u.ctx.rect(left, top, width, height);
  u.ctx.clip();
  draw(u.ctx, (v) => u.valToPos(v, 'x', true), (v, scale) => u.valToPos(v, scale, true));
  u.ctx.restore();
};
const pixels = () => window.devicePixelRatio || 1;
`;
