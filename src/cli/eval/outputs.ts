import { join } from 'node:path';
import { cellsCsv, episodesCsv, markdownOf } from '../../evaluation/tables.ts';
import { writeWhole } from '../../record/run-folder.ts';
import type { SuiteRun } from './run-suite.ts';

/** Results as scripts read them: no number that JSON can't hold, the same bytes for the same facts. */
export const resultsJson = ({ results }: Pick<SuiteRun, 'results'>): string =>
  `${JSON.stringify(results, null, 1)}\n`;

/** Leaves everything but the page beside the episodes. Throws JepilotError('io'). */
export function writeOutputs(folder: string, run: SuiteRun): void {
  const { results, timings } = run;
  writeWhole(join(folder, 'results.json'), resultsJson(run));
  writeWhole(join(folder, 'timings.json'), `${JSON.stringify(timings, null, 1)}\n`);
  writeWhole(join(folder, 'results.csv'), cellsCsv(results, timings));
  writeWhole(join(folder, 'episodes.csv'), episodesCsv(results));
  writeWhole(join(folder, 'results.md'), markdownOf(results, timings));
}
