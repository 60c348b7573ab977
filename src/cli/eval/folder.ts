import { join } from 'node:path';
import type { EpisodeLine } from '../../evaluation/episode-line.ts';
import type { Situation } from '../../evaluation/situation.ts';
import { RecordStore } from '../../evaluation/store.ts';
import { makeFolder } from '../../make-folder.ts';
import { writeWhole } from '../../record/run-folder.ts';
import type { Outcome } from './orders.ts';

/** A picture of an episode: its goal, or its way from start to end. */
export const pathOfPicture = (folder: string, id: string, kind: 'goal' | 'way'): string =>
  join(folder, 'pictures', `${id}-${kind}.png`);

/**
 * Where an evaluation grows: `manifest.jsonl` (situations), `episodes.jsonl` (an episode a line) and `pictures/`. Whatever
 * is there counts as done, so the same command continues what was cut short.
 */
export class SuiteFolder implements Disposable {
  readonly path: string;
  readonly situations: RecordStore<Situation>;
  readonly episodes: RecordStore<EpisodeLine>;

  /** Throws JepilotError('io') where it can't be made or read. */
  constructor(path: string) {
    makeFolder(path);
    this.path = path;
    this.situations = new RecordStore(join(path, 'manifest.jsonl'));
    this.episodes = new RecordStore(join(path, 'episodes.jsonl'));
    makeFolder(join(path, 'pictures'));
  }

  /** What opening had to repair, in a sentence for each file; empty for sound files. */
  get repairs(): string[] {
    return [this.situations, this.episodes].flatMap(({ path, kept: { cut, records } }) =>
      cut > 0
        ? [`${path}: cut ${cut} bytes behind the last whole record; ${records.length} records are kept`]
        : [],
    );
  }

  /** Pictures first, then the line: an episode that counts as done has them. */
  keep(outcome: Outcome): void {
    if (outcome.kind === 'draw') {
      this.situations.append(outcome.situation);
      return;
    }
    const { line, pictures } = outcome;
    if (pictures) {
      writeWhole(pathOfPicture(this.path, line.id, 'goal'), Buffer.from(pictures.goal, 'base64'));
      writeWhole(pathOfPicture(this.path, line.id, 'way'), Buffer.from(pictures.way, 'base64'));
    }
    this.episodes.append(line);
  }

  [Symbol.dispose](): void {
    this.situations[Symbol.dispose]();
    this.episodes[Symbol.dispose]();
  }
}
