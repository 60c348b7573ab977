import type { EpisodeRecord } from './summary.ts';

/** An episode as it is appended to the results. */
export interface EpisodeLine extends EpisodeRecord {
  /** Of cell and seed. */
  readonly id: string;
  readonly cell: string;
  /** Milliseconds on the wall. */
  readonly playMs: number;
}

/** An episode that no attempt could play, and why. It counts as a failure. */
export interface LostEpisode {
  readonly cell: string;
  readonly seed: number;
  readonly reason: string;
}
