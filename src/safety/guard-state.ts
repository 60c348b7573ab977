import type { SafetyLimits } from './limits.ts';

/**
 * `idle`: takes no actions. `armed`: may be started. `running`: plans act. `holding`: stands still until the reason is
 * gone. `stopped` and `estop` are latched: a person clears them, then arms anew.
 */
export type SafetyMode = 'idle' | 'armed' | 'running' | 'holding' | 'stopped' | 'estop';

/** Why a guard keeps a robot still. */
export type GuardReason =
  | 'not-armed'
  | 'commanded'
  | 'link-silent'
  | 'sensors-silent'
  | 'rows-silent'
  | 'clamping'
  | 'refused'
  | 'stopped'
  | 'emergency-stop';

export interface GuardConfig {
  readonly limits: SafetyLimits;
  /** Seconds per control step. */
  readonly period: number;
  /** A planning end beats over a link, and a person arms. Otherwise the robot runs at once. */
  readonly supervised: boolean;
}

/** What a person, here or at the other end, may ask. */
export type GuardCommand = 'arm' | 'start' | 'pause' | 'reset' | 'estop' | 'clear';

/** All that a guard hears of; times are seconds of one monotonic clock. */
export type GuardEvent =
  | { readonly kind: 'beat'; readonly time: number }
  | { readonly kind: 'observation'; readonly time: number }
  /** A session began, or the link broke. */
  | { readonly kind: 'link'; readonly time: number; readonly up: boolean }
  /** A whole plan arrived; `gap` is how far its first row lies from the present command, `at` names the joint. */
  | { readonly kind: 'plan'; readonly time: number; readonly gap: number; readonly at: string }
  | { readonly kind: 'refused'; readonly time: number }
  /** A control step is about to be decided. */
  | { readonly kind: 'check'; readonly time: number }
  /** A row of a plan was sent; `clamped` where it went beyond range or speed. */
  | { readonly kind: 'row'; readonly time: number; readonly clamped: boolean }
  | { readonly kind: 'command'; readonly time: number; readonly command: GuardCommand }
  | { readonly kind: 'stop'; readonly time: number };

export interface GuardState {
  readonly mode: SafetyMode;
  readonly reason: GuardReason | null;
  /** What led to a latched mode: silence of the link, a command, or the end of the run. */
  readonly cause: 'link-silent' | 'commanded' | 'ended' | null;
  /** When the mode began, seconds. */
  readonly since: number;
  /** Counts resets, stops and sessions: rows that were asked for in an older epoch never act. */
  readonly epoch: number;
  readonly linkUp: boolean;
  readonly beatAt: number | null;
  readonly observedAt: number | null;
  /** Beats, and observations, have been on time since; null where the last one was late. */
  readonly beatsFrom: number | null;
  readonly observationsFrom: number | null;
  /** Of the last row sent; null while the first one is awaited. */
  readonly rowAt: number | null;
  readonly selfTest: { readonly gap: number; readonly at: string } | null;
  readonly refusedInRow: number;
  /** Times of the rows that went beyond range or speed, within the last window. */
  readonly clampedAt: readonly number[];
  readonly paused: boolean;
  /** What the last `arm` lacked; empty once it was granted. */
  readonly lacking: readonly string[];
}

export const initialGuard = ({ supervised }: GuardConfig): GuardState => ({
  mode: supervised ? 'idle' : 'running',
  reason: supervised ? 'not-armed' : null,
  cause: null,
  since: 0,
  epoch: 0,
  linkUp: false,
  beatAt: null,
  observedAt: null,
  beatsFrom: null,
  observationsFrom: null,
  rowAt: null,
  selfTest: null,
  refusedInRow: 0,
  clampedAt: [],
  paused: false,
  lacking: [],
});

/** No plan may act. A run without rows only waits for one: its next plan acts at once. */
export const restrains = ({ mode, reason }: GuardState): boolean =>
  mode !== 'running' && reason !== 'rows-silent';

/** Whether plans are worth asking for: to act on, or to test before arming. */
export const mayPlan = ({ mode, paused, linkUp }: GuardState, supervised: boolean): boolean =>
  mode !== 'stopped' && mode !== 'estop' && !paused && (linkUp || !supervised);
