import { escapeHtml } from '../../record/report/escape.ts';
import { readable } from '../../record/outcome.ts';
import type { OpenLoopResult } from '../open-loop/result.ts';
import { axisStyle, drawChart, legendStyle } from './chart.ts';
import { colour } from './colours.ts';

function errorChart({ rolloutError, persistenceError, shuffledError }: OpenLoopResult): string {
  const line = (name: string, values: readonly number[], stroke: string, type: 'solid' | 'dashed') => ({
    type: 'line',
    name,
    data: values.map((value, i) => [i + 1, value]),
    symbol: 'circle',
    symbolSize: 6,
    lineStyle: { color: stroke, width: 2, type },
    itemStyle: { color: stroke },
  });
  return drawChart(
    {
      legend: legendStyle,
      grid: { left: 62, right: 16, top: 34, bottom: 44 },
      xAxis: {
        ...axisStyle,
        type: 'value',
        min: 1,
        name: 'model steps without looking',
        nameGap: 28,
        minInterval: 1,
      },
      yAxis: { ...axisStyle, type: 'log', name: 'squared error per dimension', nameGap: 46 },
      series: [
        line('imagined', rolloutError, colour.blue, 'solid'),
        line('no change', persistenceError, colour.orange, 'dashed'),
        line('other actions', shuffledError, colour.purple, 'dashed'),
      ],
    },
    560,
    300,
  );
}

function figure(one: OpenLoopResult): string {
  const title = `${one.model} on ${one.data}`;
  const text =
    `${one.clips} clips. The true actions rank at ${readable(one.trueActionRank)} among ${one.samples} others (0 best, 1 worst); ` +
    `other actions make the error ${readable(one.actionSensitivity)} times as large; the objective varies by ${readable(one.costVariation)} of its mean.`;
  return `<figure><figcaption><h3>${escapeHtml(title)}</h3><p>${escapeHtml(text)}</p></figcaption><div role="img" aria-label="${escapeHtml(`${title}. ${text}`)}">${errorChart(one)}</div></figure>`;
}

/** The open-loop tracks; empty without one. */
export const openLoopSection = (all: readonly OpenLoopResult[]): string =>
  all.length === 0
    ? ''
    : `<section class="card wide"><h2>Imagination against recorded data</h2><div class="plot-row">${all.map(figure).join('\n')}</div></section>`;
