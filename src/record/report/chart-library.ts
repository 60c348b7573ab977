import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { JepilotError, reasonOf } from '../../errors.ts';

/** The chart library as text that a page can hold: uPlot, MIT, © Leon Sorokin; its licence travels with it. */
export interface ChartLibrary {
  readonly script: string;
  readonly style: string;
}

/** Reads uPlot from its installed package. Throws JepilotError('io') when the package is missing. */
export function chartLibrary(): ChartLibrary {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('uplot/package.json'));
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8').trim();
    const licence = read('LICENSE').replaceAll('*/', '* /');
    return {
      script: `/* uPlot\n${licence}\n*/\n${read('dist/uPlot.iife.min.js')}`,
      style: read('dist/uPlot.min.css'),
    };
  } catch (cause) {
    throw new JepilotError('io', `cannot read the chart library uplot: ${reasonOf(cause)}`, { cause });
  }
}
