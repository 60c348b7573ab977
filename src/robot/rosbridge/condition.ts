/** Whether a robot can be driven now, in its own words. */
export type Condition =
  | { readonly kind: 'good' }
  /** Something is late: hold until it comes. */
  | { readonly kind: 'stale'; readonly reason: string }
  /** Something has been silent for too long: stop for good. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** Somebody pressed the button, or somebody else drives: stop for good. */
  | { readonly kind: 'emergency'; readonly reason: string };

/** Seconds of silence until a robot is held, and until it is lost. */
export interface Patience {
  /** Of the bridge: an answered heartbeat, and a command that came back. */
  readonly linkStale: number;
  readonly linkLost: number;
  /** Of cameras and state, after they have become too old. */
  readonly sensesLost: number;
}

export const patience: Patience = { linkStale: 0.25, linkLost: 0.5, sensesLost: 1 };

/** What is known at one moment; durations in seconds. */
export interface Signs {
  /** Why the connection has ended; null while it is open. */
  readonly ended: string | null;
  /** Since the bridge last answered. */
  readonly silent: number;
  /** That the oldest command without an echo has waited. */
  readonly unechoed: number;
  /** Topics that are too old. */
  readonly stale: readonly string[];
  /** Since a topic first became too old. */
  readonly staleFor: number;
  readonly emergency: string | null;
}

/** The worst of what is known. `lost` and `emergency` stay, whatever comes later. */
export function conditionOf(signs: Signs, before: Condition, limits: Patience = patience): Condition {
  if (before.kind === 'lost' || before.kind === 'emergency') return before;
  const { ended, silent, unechoed, stale, staleFor, emergency } = signs;
  const ms = (seconds: number) => `${Math.round(seconds * 1000)} ms`;
  if (emergency !== null) return { kind: 'emergency', reason: emergency };
  if (ended !== null) return { kind: 'lost', reason: `the link to the bridge ended: ${ended}` };
  if (silent > limits.linkLost)
    return { kind: 'lost', reason: `the bridge answered nothing for ${ms(silent)}` };
  if (unechoed > limits.linkLost)
    return { kind: 'lost', reason: `no command came back for ${ms(unechoed)}: the bridge drops them` };
  if (stale.length > 0 && staleFor > limits.sensesLost)
    return { kind: 'lost', reason: `nothing usable on ${stale.join(', ')} for ${ms(staleFor)}` };
  if (silent > limits.linkStale) return { kind: 'stale', reason: `the bridge is late by ${ms(silent)}` };
  if (unechoed > limits.linkStale)
    return { kind: 'stale', reason: `a command waits for its echo for ${ms(unechoed)}` };
  if (stale.length > 0) return { kind: 'stale', reason: `too old: ${stale.join(', ')}` };
  return { kind: 'good' };
}
