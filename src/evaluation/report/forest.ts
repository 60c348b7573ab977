import type { CellResult } from '../results.ts';
import { conditionOf, namesOf } from '../tables.ts';
import { axisStyle, drawChart, percentAxis } from './chart.ts';
import { colour, seriesColour } from './colours.ts';
import { whiskers } from './intervals.ts';

const ROW = 26;

/** Success with its interval, a row per cell, grouped by task and track. */
export function forestPlot(cells: readonly CellResult[]): string {
  const labels = [...new Set(cells.map(({ label }) => label))];
  const rows = cells.map((one, i) => ({ one, at: cells.length - 1 - i }));
  const nameOf = namesOf(cells);
  const names = rows.map(({ one }) => {
    const { cell, summary } = one;
    const condition = conditionOf(one);
    const parts = [`${cell.task} ${cell.track.name}`, nameOf(one), ...(condition ? [condition] : [])];
    return { name: parts.join(' · '), value: `${summary.successes}/${summary.episodes}` };
  });
  const reversed = names.toReversed();
  const series = labels.flatMap((label, index) => {
    const own = rows.filter(({ one }) => one.label === label);
    const points = own.map(({ one: { summary }, at }) => ({ at, ...summary }));
    return [
      whiskers(label, points, index, 'x'),
      {
        type: 'scatter' as const,
        name: label,
        data: points.map(({ at, rate }) => [rate, at]),
        symbol: 'rect',
        symbolSize: 9,
        itemStyle: { color: seriesColour(index) },
        z: 4,
      },
    ];
  });
  const category = { ...axisStyle, type: 'category' as const, splitLine: { show: false } };
  return drawChart(
    {
      grid: { left: 330, right: 80, top: 6, bottom: 34 },
      xAxis: { ...percentAxis, name: 'success, 95 % interval (Wilson)', nameGap: 26 },
      yAxis: [
        {
          ...category,
          data: reversed.map(({ name }) => name),
          axisLabel: { ...axisStyle.axisLabel, color: colour.ink, width: 316, overflow: 'truncate' },
        },
        {
          ...category,
          data: reversed.map(({ value }) => value),
          position: 'right',
          axisLine: { show: false },
        },
      ],
      series: series.map((one) => ({ ...one, yAxisIndex: 0 })),
    },
    900,
    40 + ROW * cells.length,
  );
}
