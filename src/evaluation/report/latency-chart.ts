import { readable } from '../../record/outcome.ts';
import type { CellResult } from '../results.ts';
import { BINS_MS, type CellTimings } from '../timings.ts';
import type { Timings } from '../timings-file.ts';
import { axisStyle, drawChart } from './chart.ts';
import { colour } from './colours.ts';
import type { Curve } from './curves.ts';

const BIN_NAMES = [...BINS_MS.map(String), `> ${BINS_MS.at(-1)}`];

function histogram({ histogram: bins, deadlineMs }: CellTimings): string {
  const used = bins.flatMap((count, i) => (count > 0 ? [i] : []));
  const from = Math.max(0, Math.min(...used) - 1);
  const to = Math.min(bins.length, Math.max(...used) + 2);
  const late = BINS_MS.findIndex((end) => end > deadlineMs);
  return drawChart(
    {
      grid: { left: 52, right: 12, top: 10, bottom: 44 },
      xAxis: {
        ...axisStyle,
        type: 'category',
        data: BIN_NAMES.slice(from, to),
        name: 'milliseconds per plan, up to',
        nameGap: 28,
      },
      yAxis: { ...axisStyle, type: 'value', name: 'plans', nameGap: 38 },
      series: [
        {
          type: 'bar',
          barCategoryGap: '12%',
          data: bins.slice(from, to).map((value, i) => ({
            value,
            itemStyle: { color: late >= 0 && i + from >= late ? colour.orange : colour.blue },
          })),
        },
      ],
    },
    420,
    220,
  );
}

/** Plan latency of every cell that plans for a measurable time. */
export const latencyCharts = (cells: readonly CellResult[], timings: Timings): Curve[] =>
  cells.flatMap(({ id, cell, label }) => {
    const times = timings.cells[id];
    if (!times?.planMs || times.planMs.max < 0.5) return [];
    const { planMs, deadlineMs, deadlineMisses, plans } = times;
    return [
      {
        title: `${cell.task} ${cell.track.name}, ${label}`,
        text:
          `Median ${readable(planMs.p50)} ms, p95 ${readable(planMs.p95)}, p99 ${readable(planMs.p99)}, worst ${readable(planMs.max)}; ` +
          `${deadlineMisses} of ${plans} took longer than ${readable(deadlineMs)} ms.`,
        svg: histogram(times),
      },
    ];
  });
