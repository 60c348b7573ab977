import type { CellRequest } from '../../evaluation/cell.ts';
import type { Situation } from '../../evaluation/situation.ts';
import type { EpisodeLine } from '../../evaluation/episode-line.ts';
import type { ErrorData } from '../../errors.ts';

/** What a worker is asked for: to draw one situation of the manifest, or to play one episode. */
export type Order =
  | { readonly kind: 'draw'; readonly request: CellRequest; readonly seed: number }
  | {
      readonly kind: 'play';
      readonly request: CellRequest;
      /** What the cell must hash to where it is played: same version, same model. */
      readonly cell: string;
      readonly seed: number;
      /** Hash of the situation; null without a manifest. */
      readonly expected: string | null;
      /** Pictures of the way to keep. */
      readonly pictures: number;
    };

export type Outcome =
  | { readonly kind: 'draw'; readonly situation: Situation }
  | {
      readonly kind: 'play';
      readonly line: EpisodeLine;
      /** PNG files in base64: the goal, and the way from left to right. */
      readonly pictures: { readonly goal: string; readonly way: string } | null;
    };

/** What goes to a worker process and comes back. */
export interface OrderMessage {
  readonly order: Order;
}
export type OutcomeMessage =
  | { readonly outcome: Outcome }
  /** `open`: the task, model or policy could not be opened, so that no order of this cell can be carried out. */
  | { readonly error: ErrorData; readonly during: 'open' | 'play' };
