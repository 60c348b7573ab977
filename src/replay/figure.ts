import { escapeHtml } from '../record/report/escape.ts';

/** A curve: its name, and points in the units of the axes. */
export interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
}

const WIDTH = 720;
const HEIGHT = 220;
const LEFT = 56;
const BOTTOM = 34;
const COLOURS = ['#1f6feb', '#d9480f', '#2b8a3e', '#862e9c'];

const extent = (values: readonly number[]): [number, number] => {
  const finite = values.filter(Number.isFinite);
  const low = Math.min(...finite, 0);
  const high = Math.max(...finite);
  return [low, high > low ? high : low + 1];
};

const short = (value: number): string => String(Number(value.toPrecision(3)));

/** A line chart as SVG: axes with their ends, a legend, gaps where a value is no number. */
export function chart(title: string, unit: string, curves: readonly Curve[]): string {
  const all = curves.flatMap(({ points }) => points);
  const [left, right] = extent(all.map(([x]) => x));
  const [low, high] = extent(all.map(([, y]) => y));
  const x = (value: number): number => LEFT + ((value - left) / (right - left)) * (WIDTH - LEFT - 8);
  const y = (value: number): number => 8 + (1 - (value - low) / (high - low)) * (HEIGHT - BOTTOM - 8);
  const place = ([at, value]: readonly [number, number]): string =>
    `${x(at).toFixed(1)},${y(value).toFixed(1)}`;
  const lines = curves.map(({ points }, i) => {
    const drawn = points.filter(([, value]) => Number.isFinite(value)).map(place);
    return `<polyline fill="none" stroke="${COLOURS[i % COLOURS.length]}" stroke-width="2" points="${drawn.join(' ')}"/>`;
  });
  const legend = curves.map(
    ({ name }, i) =>
      `<tspan fill="${COLOURS[i % COLOURS.length]}">${i > 0 ? '&#160;&#160;' : ''}■ ${escapeHtml(name)}</tspan>`,
  );
  return `<figure><figcaption>${escapeHtml(title)}${unit ? ` (${escapeHtml(unit)})` : ''}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)}">
<path d="M${LEFT} 8V${HEIGHT - BOTTOM}H${WIDTH - 8}" fill="none" stroke="#999"/>
<text x="${LEFT - 6}" y="16" text-anchor="end">${short(high)}</text>
<text x="${LEFT - 6}" y="${HEIGHT - BOTTOM}" text-anchor="end">${short(low)}</text>
<text x="${LEFT}" y="${HEIGHT - BOTTOM + 16}">step ${short(left)}</text>
<text x="${WIDTH - 8}" y="${HEIGHT - BOTTOM + 16}" text-anchor="end">${short(right)}</text>
<text x="${WIDTH / 2}" y="${HEIGHT - 4}" text-anchor="middle">${legend.join('')}</text>
${lines.join('\n')}
</svg></figure>`;
}

/** A page of charts and a table that opens from disk without a network. `rows` are the table's, header first. */
export function page(title: string, rows: readonly (readonly string[])[], charts: readonly string[]): string {
  const [head = [], ...body] = rows;
  const cells = (row: readonly string[], tag: string): string =>
    `<tr>${row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; } th, td { padding: .2rem .8rem .2rem 0; text-align: left; border-bottom: 1px solid #ddd; }
figure { margin: 1.5rem 0; } figcaption { font-weight: 600; } svg { width: 100%; font-size: 12px; }
</style></head><body>
<h1>${escapeHtml(title)}</h1>
<table>${cells(head, 'th')}${body.map((row) => cells(row, 'td')).join('')}</table>
${charts.join('\n')}
</body></html>
`;
}
