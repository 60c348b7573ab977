import type { Axis } from '../cell.ts';
import { groupBy } from '../group-by.ts';
import type { CellResult } from '../results.ts';
import { axisStyle, drawChart, legendStyle, percentAxis } from './chart.ts';
import { colour, seriesColour } from './colours.ts';
import { whiskers } from './intervals.ts';

/** A chart of success against something. */
export interface Curve {
  readonly title: string;
  readonly text: string;
  readonly svg: string;
}

const AXES = {
  distance: { title: 'Success against distance', name: 'control steps from start to goal' },
  latency: { title: 'Success against latency', name: 'control steps from observation to action' },
  factor: { title: 'Success beyond the training range', name: '' },
  compute: { title: 'Success against compute', name: 'predictor evaluations per action' },
} as const;

/** A cell as a point of one curve. */
interface Point {
  readonly one: CellResult;
  readonly axis: Axis;
}

/** Where a point stands on the x axis. */
const placeOf = ({ one, axis }: Point): number =>
  axis.kind === 'compute' ? Math.max(1, one.summary.evaluationsPerAction) : axis.value;

const withoutSettings = (label: string): string => label.replace(/ (samples|iterations|horizon)=\d+/g, '');

function draw(all: readonly Point[], name: string, isLogarithmic: boolean): string {
  const groups = groupBy(all, ({ one: { label, cell } }) =>
    [withoutSettings(label), ...(cell.model ? [cell.model.name] : [])].join(', '),
  );
  const series = [...groups].flatMap(([group, members], index) => {
    const points = members
      .map((point) => ({ at: placeOf(point), ...point.one.summary }))
      .sort((a, b) => a.at - b.at);
    const outside = new Set(members.filter(({ one }) => one.outside.length > 0).map(placeOf));
    const line = {
      type: 'line' as const,
      name: group,
      data: points.map(({ at, rate }) => ({
        value: [at, rate],
        itemStyle: outside.has(at)
          ? { color: colour.card, borderColor: seriesColour(index), borderWidth: 2 }
          : { color: seriesColour(index) },
      })),
      symbol: 'circle',
      symbolSize: 8,
      lineStyle: { color: seriesColour(index), width: 2 },
      itemStyle: { color: seriesColour(index) },
      z: 4,
    };
    return [line, whiskers(group, points, index, 'y')];
  });
  return drawChart(
    {
      legend: { ...legendStyle, data: [...groups.keys()] },
      grid: { left: 52, right: 20, top: 34, bottom: 44 },
      xAxis: {
        ...axisStyle,
        type: isLogarithmic ? 'log' : 'value',
        scale: true,
        name,
        nameGap: 28,
        splitLine: { show: false },
      },
      yAxis: { ...percentAxis, axisLine: { show: false } },
      series,
    },
    560,
    300,
  );
}

/** One chart for each task, track and axis that cells were swept along. */
export function curves(cells: readonly CellResult[]): Curve[] {
  const points = cells.flatMap((one) => one.axes.map((axis): Point => ({ one, axis })));
  const whereOf = ({ one: { cell }, axis }: Point): string =>
    axis.kind === 'distance' ? cell.task : `${cell.task} ${cell.track.name}`;
  const groups = groupBy(points, (point) => [whereOf(point), point.axis.kind, point.axis.name].join('|'));
  return [...groups.values()].map((group) => {
    const first = group[0]!;
    const { axis } = first;
    const { title, name } = AXES[axis.kind];
    const isOpen = group.some(({ one }) => one.outside.length > 0);
    const note = isOpen ? ' Hollow points lie outside what the model was trained on.' : '';
    return {
      title: `${title}: ${whereOf(first)}${axis.kind === 'factor' ? `, ${axis.name}` : ''}`,
      text: `Whiskers are 95 % intervals (Wilson).${note}`,
      svg: draw(group, name || axis.name, axis.kind === 'compute'),
    };
  });
}
