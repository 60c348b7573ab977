/** The commands sent, holds hatched and tails shaded. */
export const ACTIONS_CHART = String.raw`
const stretches = (letter) => {
  const found = [];
  for (let i = 0; i < run.sources.length; i++) {
    if (run.sources[i] !== letter) continue;
    const from = i;
    while (run.sources[i + 1] === letter) i++;
    found.push([from * run.period, (i + 1) * run.period]);
  }
  return found;
};
const hatch = () => {
  const size = 8 * pixels();
  const tile = Object.assign(document.createElement('canvas'), { width: size, height: size });
  const ctx = tile.getContext('2d');
  ctx.strokeStyle = color('hold');
  ctx.lineWidth = 2.4 * pixels();
  for (const shift of [-size, 0, size]) {
    ctx.moveTo(shift, size);
    ctx.lineTo(shift + size, 0);
  }
  ctx.stroke();
  return ctx.createPattern(tile, 'repeat');
};
const shade = (u) =>
  inside(u, (ctx, x) => {
    const fill = (style, bands) => {
      ctx.fillStyle = style;
      bands.forEach(([from, to]) => ctx.fillRect(x(from), u.bbox.top, x(to) - x(from), u.bbox.height));
    };
    fill(color('tail'), stretches('t'));
    fill(hatch(), stretches('h'));
  });

const actionsChart = () => {
  const columns = run.sent.map((column) => times.map((_, step) => column[Math.min(step, column.length - 1)] ?? null));
  const range = zeroBased(run.sent.flat());
  const stepped = uPlot.paths.stepped({ align: 1 });
  const dashes = [[], [6, 3], [2, 3], [10, 3, 2, 3]];
  const series = run.names.map((name, i) =>
    line(name, LINES[i % LINES.length], { paths: stepped, dash: dashes[i % dashes.length], value: (u, v) => number(v) }),
  );
  return makeChart('actions', {
    data: [times, ...columns],
    series,
    axes: [valueAxis('command')],
    scales: { y: { range } },
    hooks: { drawClear: [shade] },
    entryAt: (step) => step,
  });
};
`;
