import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { EChartsCoreOption } from 'echarts/core';
import { colour, themed } from './colours.ts';

use([
  BarChart,
  CustomChart,
  LineChart,
  ScatterChart,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  SVGRenderer,
]);

const FONT = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/** A chart as SVG text of fixed inner size that scales with its place; colours follow the page. */
export function drawChart(option: EChartsCoreOption, width: number, height: number): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: 'transparent',
      textStyle: { fontFamily: FONT, fontSize: 13, color: colour.ink },
      ...option,
    });
    return themed(chart.renderToSVGString({ useViewBox: true }));
  } finally {
    chart.dispose();
  }
}

/** How axes look. */
export const axisStyle = {
  axisLine: { lineStyle: { color: colour.soft } },
  axisTick: { show: false },
  axisLabel: { color: colour.soft, fontSize: 12 },
  nameTextStyle: { color: colour.soft, fontSize: 12 },
  nameLocation: 'middle' as const,
  splitLine: { lineStyle: { color: colour.grid } },
};

/** 0 to 100 %. */
export const percentAxis = {
  ...axisStyle,
  type: 'value' as const,
  min: 0,
  max: 1,
  interval: 0.25,
  axisLabel: { ...axisStyle.axisLabel, formatter: (v: number) => `${Math.round(100 * v)} %` },
};

export const legendStyle = {
  top: 0,
  left: 0,
  itemWidth: 16,
  itemHeight: 10,
  textStyle: { color: colour.ink, fontSize: 12 },
};
