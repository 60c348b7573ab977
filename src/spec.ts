import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { JepilotError } from './errors.ts';

/** What one number of an action means to the robot. */
export type ActionMode = 'position' | 'velocity' | 'effort' | 'delta';

/** How fast a robot may be made to move: its own figures, before any share of them is taken. Each list is [dim]. */
export interface MotionSpec {
  /** Units per second of what is commanded: of a position or displacement its speed, of a velocity its size. */
  readonly velocity?: readonly number[];
  /** Units per second squared. */
  readonly acceleration?: readonly number[];
  /** Of an effort: units per second. */
  readonly slew?: readonly number[];
  /** Where velocity joints are, as indices of the observed state, and the range that they may be in. */
  readonly joints?: {
    readonly state: readonly number[];
    readonly minimum: readonly number[];
    readonly maximum: readonly number[];
  };
}

/** The raw actions that an environment or robot takes, one per control step. */
export interface ActionSpec {
  readonly dim: number;
  /** Inclusive bounds, [dim], in the unit of the mode (m, m/s, N, rad, …). */
  readonly minimum: readonly number[];
  readonly maximum: readonly number[];
  readonly names: readonly string[];
  readonly mode: ActionMode;
  /** Limits of motion; left out where only the bounds count. */
  readonly motion?: MotionSpec;
}

/**
 * The action that keeps a robot where it is: zero for velocity, effort and delta, the last command for position.
 * A position robot that has no last command yet holds nothing, so `last` is needed there.
 */
export function holdAction(spec: ActionSpec, last: Float32Array | null): Float32Array {
  if (spec.mode !== 'position') return new Float32Array(spec.dim);
  if (!last) throw new JepilotError('bad-state', 'a position robot needs a last command to hold');
  return last.slice();
}

/** Throws unless `action` is finite, has the right length, and lies within the bounds (1e-6 of slack). */
export function checkAction(spec: ActionSpec, action: Float32Array, place: string): void {
  if (action.length !== spec.dim) {
    throw new JepilotError(
      'shape-mismatch',
      `action has ${action.length} values; ${place} needs ${spec.dim} (${spec.names.join(', ')})`,
    );
  }
  for (let i = 0; i < spec.dim; i++) {
    const value = action[i] ?? NaN;
    const low = spec.minimum[i] ?? -Infinity;
    const high = spec.maximum[i] ?? Infinity;
    if (!(value >= low - 1e-6 && value <= high + 1e-6)) {
      throw new JepilotError(
        'out-of-range',
        `action '${spec.names[i] ?? i}' is ${value}; ${place} takes ${low} to ${high}`,
      );
    }
  }
}

/** `action` clipped to the bounds, as a new array, and whether that changed anything. */
export function clampAction(
  spec: ActionSpec,
  action: Float32Array,
): { action: Float32Array; clamped: boolean } {
  const clipped = action.map((v, i) =>
    Math.min(spec.maximum[i] ?? Infinity, Math.max(spec.minimum[i] ?? -Infinity, v)),
  );
  return { action: clipped, clamped: clipped.some((v, i) => v !== action[i]) };
}

/** JSON with sorted keys and one spelling of every number (RFC 8785). */
export const canonicalJson = (value: unknown): string => canonicalize(value) ?? 'null';

/** The name of a spec: the first 16 hex digits of the SHA-256 of its canonical JSON. */
export const hashSpec = (value: unknown): string =>
  createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);
