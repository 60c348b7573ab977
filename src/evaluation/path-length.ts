/** One episode for SPL. */
export interface Journey {
  readonly success: boolean;
  /** Control steps taken until success. */
  readonly steps: number | null;
  /** Control steps of the quickest known way. */
  readonly reference: number;
}

/**
 * Success weighted by (normalised inverse) path length (Anderson et al., "On evaluation of embodied navigation agents",
 * 2018), with lengths in control steps as in success weighted by completion time (Yokoyama, Ha and Batra, 2021): 1 for
 * who is as quick as the reference, 0 for who fails. Null without episodes of known reference.
 */
export function successByLength(journeys: readonly Journey[]): number | null {
  if (journeys.length === 0) return null;
  const weights = journeys.map(({ success, steps, reference }) =>
    success && steps !== null ? reference / Math.max(steps, reference, 1) : 0,
  );
  return weights.reduce((a, b) => a + b, 0) / weights.length;
}
