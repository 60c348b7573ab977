import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EpisodePictures } from '../../evaluation/report/gallery.ts';
import { renderEvaluation } from '../../evaluation/report/report.ts';
import { cellsCsv, episodesCsv, markdownOf } from '../../evaluation/tables.ts';
import { pngUri } from '../../record/png.ts';
import { writeWhole } from '../../record/run-folder.ts';
import { pathOfPicture } from './folder.ts';
import type { SuiteRun } from './run-suite.ts';

/** Results as scripts read them: no number that JSON can't hold, the same bytes for the same facts. */
export const resultsJson = ({ results }: Pick<SuiteRun, 'results'>): string =>
  `${JSON.stringify(results, null, 1)}\n`;

function picturesIn(folder: string): (episode: string) => EpisodePictures | null {
  const uri = (path: string): string => pngUri(readFileSync(path));
  return (episode) => {
    const [goal, way] = [pathOfPicture(folder, episode, 'goal'), pathOfPicture(folder, episode, 'way')];
    return existsSync(goal) && existsSync(way) ? { goal: uri(goal), way: uri(way) } : null;
  };
}

/** Leaves tables and page beside the episodes. Throws JepilotError('io'). */
export function writeOutputs(folder: string, run: SuiteRun, command: string): void {
  const { results, timings } = run;
  writeWhole(join(folder, 'results.json'), resultsJson(run));
  writeWhole(join(folder, 'timings.json'), `${JSON.stringify(timings, null, 1)}\n`);
  writeWhole(join(folder, 'results.csv'), cellsCsv(results, timings));
  writeWhole(join(folder, 'episodes.csv'), episodesCsv(results));
  writeWhole(join(folder, 'results.md'), markdownOf(results, timings));
  const page = renderEvaluation({ results, timings, pictures: picturesIn(folder), command });
  writeWhole(join(folder, 'report.html'), page);
}
