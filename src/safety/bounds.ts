import { JepilotError } from '../errors.ts';
import type { ActionMode, ActionSpec } from '../spec.ts';
import type { SafetyLimits } from './limits.ts';

/** What motion is held to, joint by joint, once limits and a robot's own figures are put together. */
export interface MotionBounds {
  readonly mode: ActionMode;
  /** Seconds per control step. */
  readonly dt: number;
  /** Of what is commanded, [dim]. */
  readonly minimum: readonly number[];
  readonly maximum: readonly number[];
  /** Units per second, [dim]; infinite where there is none. An effort has none. */
  readonly velocity: readonly number[];
  /** Units per second squared, [dim]; of an effort its slew, units per second. */
  readonly acceleration: readonly number[];
  /** What one unit per second is in the action: `dt` for displacements per step, else 1. */
  readonly unit: number;
  /** Range that a velocity robot's joints may move in, and where its state tells them. */
  readonly reach: {
    readonly state: readonly number[];
    readonly minimum: readonly number[];
    readonly maximum: readonly number[];
  } | null;
}

const scaled = (values: readonly number[] | undefined, scale: number, dim: number): number[] =>
  Array.from({ length: dim }, (_, i) => (values?.[i] ?? Infinity) * scale);

/** The range less a share of it at each end. */
function shrunk(minimum: readonly number[], maximum: readonly number[], share: number) {
  const widths = maximum.map((high, i) => share * (high - (minimum[i] ?? high)));
  return {
    minimum: minimum.map((low, i) => low + (widths[i] ?? 0)),
    maximum: maximum.map((high, i) => high - (widths[i] ?? 0)),
  };
}

/** Every action needs two ends: an actuator without limits is refused. */
function checkBounded({ dim, minimum, maximum, names }: ActionSpec): void {
  for (let i = 0; i < dim; i++) {
    const [low, high] = [minimum[i] ?? -Infinity, maximum[i] ?? Infinity];
    if (Number.isFinite(low) && Number.isFinite(high) && low < high) continue;
    throw new JepilotError(
      'invalid-value',
      `action '${names[i] ?? i}' is bounded by ${low} and ${high}; a robot needs two finite ends, the lower one first`,
    );
  }
}

/**
 * Puts a robot's own figures (`spec.motion`) and the limits together. A margin is kept only where a range is one of
 * places: of a position target, and of the joints that a velocity moves. Throws `invalid-value` on an action without
 * limits.
 */
export function motionBounds(spec: ActionSpec, limits: SafetyLimits, dt: number): MotionBounds {
  checkBounded(spec);
  const { mode, dim, motion } = spec;
  const { margin, velocityScale, accelerationScale } = limits;
  const { minimum, maximum } = mode === 'position' ? shrunk(spec.minimum, spec.maximum, margin) : spec;
  const rise = mode === 'effort' ? motion?.slew : motion?.acceleration;
  const joints = mode === 'velocity' || mode === 'delta' ? motion?.joints : undefined;
  return {
    mode,
    dt,
    minimum,
    maximum,
    velocity: scaled(mode === 'effort' ? undefined : motion?.velocity, velocityScale, dim),
    acceleration: scaled(rise, accelerationScale, dim),
    unit: mode === 'delta' ? dt : 1,
    reach: joints ? { state: joints.state, ...shrunk(joints.minimum, joints.maximum, margin) } : null,
  };
}
