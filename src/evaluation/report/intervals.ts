import type { CustomSeriesRenderItem } from 'echarts';
import { seriesColour } from './colours.ts';

/** One success rate with its interval, at a place of the other axis. */
export interface IntervalPoint {
  readonly at: number;
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

/** Whiskers from `low` to `high`, along x (forest plots) or along y (curves). */
export function whiskers(name: string, points: readonly IntervalPoint[], index: number, along: 'x' | 'y') {
  const stroke = seriesColour(index);
  const place = (at: number, value: number): [number, number] => (along === 'x' ? [value, at] : [at, value]);
  const renderItem: CustomSeriesRenderItem = (_params, api) => {
    const value = (i: number): number => Number(api.value(i));
    const [from, to] = [api.coord(place(value(0), value(1))), api.coord(place(value(0), value(2)))];
    const cap = 4;
    const [dx, dy] = along === 'x' ? [0, cap] : [cap, 0];
    const line = (x1: number, y1: number, x2: number, y2: number) => ({
      type: 'line' as const,
      shape: { x1, y1, x2, y2 },
      style: { stroke, lineWidth: 2 },
    });
    const [x1 = 0, y1 = 0] = from;
    const [x2 = 0, y2 = 0] = to;
    return {
      type: 'group' as const,
      children: [
        line(x1, y1, x2, y2),
        line(x1 - dx, y1 - dy, x1 + dx, y1 + dy),
        line(x2 - dx, y2 - dy, x2 + dx, y2 + dy),
      ],
    };
  };
  return {
    type: 'custom' as const,
    name,
    renderItem,
    data: points.map(({ at, low, high }) => [at, low, high]),
    encode: along === 'x' ? { x: [1, 2], y: 0 } : { x: 0, y: [1, 2] },
    itemStyle: { color: stroke },
    z: 3,
    silent: true,
  };
}
