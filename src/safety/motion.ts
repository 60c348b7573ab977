import { holdAction, type ActionSpec } from '../spec.ts';
import type { MotionBounds } from './bounds.ts';

/** Which limit changed an action. */
export const clampKinds = ['position', 'velocity', 'acceleration'] as const;
export type ClampKind = (typeof clampKinds)[number];

/** What was commanded last: all that a motion limit depends on. */
export interface Motion {
  /** [dim]; null before a position robot was sent anything. */
  readonly last: Float32Array | null;
  /** Change per second [dim] that the last command brought; used for position robots. */
  readonly rate: Float32Array;
}

export const atRest = (spec: ActionSpec, last: Float32Array | null): Motion => ({
  last: last ?? (spec.mode === 'position' ? null : new Float32Array(spec.dim)),
  rate: new Float32Array(spec.dim),
});

export interface Limited {
  /** [dim]: within all limits. */
  readonly action: Float32Array;
  readonly motion: Motion;
  /** What changed the action; empty if nothing did. */
  readonly clamps: readonly ClampKind[];
}

const clip = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/**
 * Fastest speed from which `deceleration` still stops within `distance`, in steps of `dt` seconds that each move first:
 * m whole steps of deceleration and a share f of one cover (m + 1)(m / 2 + f) · a · dt².
 */
export function brakingSpeed(distance: number, deceleration: number, dt: number): number {
  if (distance <= 0) return 0;
  if (!Number.isFinite(deceleration)) return distance / dt;
  const covered = distance / (deceleration * dt * dt);
  const whole = Math.floor((Math.sqrt(1 + 8 * covered) - 1) / 2);
  return (whole + covered / (whole + 1) - whole / 2) * deceleration * dt;
}

/** One joint's limits applied to one value; notes every limit that changed it. */
class Joint {
  readonly #kinds: Set<ClampKind>;
  value: number;

  constructor(value: number, kinds: Set<ClampKind>) {
    this.value = value;
    this.#kinds = kinds;
  }

  limit(kind: ClampKind, low: number, high: number): void {
    const clipped = clip(this.value, low, high);
    if (Math.fround(clipped) !== Math.fround(this.value)) this.#kinds.add(kind);
    this.value = clipped;
  }
}

/** A position target: range, braking before its ends, acceleration, speed; speed and range have the last word. */
function limitPosition(joint: Joint, bounds: MotionBounds, i: number, { last, rate }: Motion): void {
  const { minimum, maximum, velocity, acceleration, dt } = bounds;
  const low = minimum[i] ?? -Infinity;
  const high = maximum[i] ?? Infinity;
  joint.limit('position', low, high);
  const from = last?.[i];
  if (from === undefined) return;
  const top = velocity[i] ?? Infinity;
  const a = acceleration[i] ?? Infinity;
  if (Number.isFinite(a)) {
    const down = brakingSpeed(from - low, a, dt) * dt;
    const up = brakingSpeed(high - from, a, dt) * dt;
    joint.limit('position', from - down, from + up);
    const coasting = from + (rate[i] ?? 0) * dt;
    joint.limit('acceleration', coasting - a * dt * dt, coasting + a * dt * dt);
  }
  joint.limit('velocity', from - top * dt, from + top * dt);
  // No ramp leads out of the range; a start outside of it may only come back.
  joint.limit('position', Math.min(low, from), Math.max(high, from));
}

/** A speed (or a displacement per step, or an effort): acceleration first, then range and speed. */
function limitRate(
  joint: Joint,
  bounds: MotionBounds,
  i: number,
  last: number,
  position: number | undefined,
): void {
  const { minimum, maximum, velocity, acceleration, dt, unit, reach } = bounds;
  const a = acceleration[i] ?? Infinity;
  joint.limit('position', minimum[i] ?? -Infinity, maximum[i] ?? Infinity);
  if (position !== undefined && reach) {
    const up = brakingSpeed((reach.maximum[i] ?? Infinity) - position, a, dt);
    const down = brakingSpeed(position - (reach.minimum[i] ?? -Infinity), a, dt);
    joint.limit('position', -down * unit, up * unit);
  }
  joint.limit('acceleration', last - a * dt * unit, last + a * dt * unit);
  const top = (velocity[i] ?? Infinity) * unit;
  joint.limit('velocity', -top, top);
}

/**
 * The nearest action to `wanted` [dim] that keeps to the bounds, and the motion after it. Finite input only.
 * @param state - what the robot's sensors read, for velocity robots whose joints' range is known
 */
export function limitMotion(
  bounds: MotionBounds,
  motion: Motion,
  wanted: Float32Array,
  state: Float32Array | null = null,
): Limited {
  const kinds = new Set<ClampKind>();
  const action = wanted.map((value, i) => {
    const joint = new Joint(value, kinds);
    if (bounds.mode === 'position') limitPosition(joint, bounds, i, motion);
    else limitRate(joint, bounds, i, motion.last?.[i] ?? 0, state?.[bounds.reach?.state[i] ?? -1]);
    return joint.value;
  });
  return { action, motion: after(bounds, motion, action), clamps: [...kinds] };
}

/** The motion once `action` was sent. */
export function after({ mode, dt }: MotionBounds, { last }: Motion, action: Float32Array): Motion {
  const rate = action.map((value, i) =>
    mode === 'position' && last ? (value - (last[i] ?? value)) / dt : 0,
  );
  return { last: action, rate };
}

/** A hold that keeps to the limits: a ramp to rest where acceleration is limited. `hard` takes no ramp (e-stop). */
export function limitHold(
  spec: ActionSpec,
  bounds: MotionBounds,
  motion: Motion,
  hard: boolean,
): Limited | null {
  if (spec.mode === 'position' && !motion.last) return null;
  const target = holdAction(spec, motion.last);
  if (hard) return { action: target, motion: after(bounds, motion, target), clamps: [] };
  return limitMotion(bounds, motion, target);
}

/** Nothing is left to ramp down. */
export const resting = (spec: ActionSpec, { last, rate }: Motion): boolean =>
  spec.mode === 'position' ? rate.every((v) => v === 0) : !last || last.every((v) => v === 0);
