import type { EpisodeRecord } from './summary.ts';

/** An episode as it is appended to the results. */
export interface EpisodeLine extends EpisodeRecord {
  /** Of cell and seed. */
  readonly id: string;
  readonly cell: string;
  /** Milliseconds on the wall. */
  readonly playMs: number;
}

const ownKeys: ReadonlySet<string> = new Set(['id', 'cell', 'playMs']);

/** What the line says of the episode itself. */
export const recordOf = (line: EpisodeLine): EpisodeRecord =>
  Object.fromEntries(Object.entries(line).filter(([key]) => !ownKeys.has(key))) as unknown as EpisodeRecord;

/** An episode that no attempt could play, and why. It counts as a failure. */
export interface LostEpisode {
  readonly cell: string;
  readonly seed: number;
  readonly reason: string;
}
