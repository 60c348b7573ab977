import { JepilotError } from '../../errors.ts';
import type { ActionSpec, MotionSpec } from '../../spec.ts';
import type { RobotProfile } from './schema.ts';

/** Between our unit and the robot's. */
export interface Unit {
  readonly scale: number;
  readonly offset: number;
}

/** Our number in the robot's unit. */
export const toWire = (value: number, { scale, offset }: Unit): number => scale * value + offset;

/** The robot's number in our unit. */
export const fromWire = (wire: number, { scale, offset }: Unit): number => (wire - offset) / scale;

/** The actions that the robot takes, in our units, and how fast they may change. */
export const actionSpecOf = (profile: RobotProfile): ActionSpec => ({
  dim: profile.action.values.length,
  minimum: profile.action.values.map((value) => value.minimum),
  maximum: profile.action.values.map((value) => value.maximum),
  names: profile.action.values.map((value) => value.name),
  mode: profile.action.mode,
  motion: motionOf(profile),
});

/** What a profile leaves out is not limited, beyond the bounds. */
function motionOf(profile: RobotProfile): MotionSpec {
  const { values } = profile.action;
  const listOf = (key: 'speed' | 'acceleration' | 'slew') =>
    values.some((value) => value[key] !== undefined) && values.map((value) => value[key] ?? Infinity);
  const [velocity, acceleration, slew] = [listOf('speed'), listOf('acceleration'), listOf('slew')];
  const names = stateNames(profile);
  const joints = {
    state: values.map(({ measured = '' }) => names.indexOf(measured)),
    minimum: values.map(({ range }) => range?.minimum ?? -Infinity),
    maximum: values.map(({ range }) => range?.maximum ?? Infinity),
  };
  return {
    ...(velocity && { velocity }),
    ...(acceleration && { acceleration }),
    ...(slew && { slew }),
    ...(values.some(({ range }) => range) && { joints }),
  };
}

/** Names of the state [n], in the order of the profile. */
export const stateNames = ({ state }: RobotProfile): string[] =>
  state.flatMap((source) => source.values.map((value) => value.name));

/**
 * An action [dim] in the robot's units, in the profile's order: finite and within the limits, whoever asks. Throws
 * `shape-mismatch`, or `out-of-range` for what is not finite.
 */
export function wireAction({ action }: RobotProfile, values: Float32Array): number[] {
  if (values.length !== action.values.length) {
    const got = `action has ${values.length} values; the robot needs ${action.values.length}`;
    throw new JepilotError('shape-mismatch', got);
  }
  return action.values.map((entry, i) => {
    const value = values[i] ?? NaN;
    // Float32 rounds a limit by 6e-8 of itself: the clamp is the last word.
    const wire = toWire(Math.min(entry.maximum, Math.max(entry.minimum, value)), entry);
    if (Number.isFinite(value) && Number.isFinite(wire)) return wire;
    throw new JepilotError('out-of-range', `action '${entry.name}' is ${value} (${wire} on the wire)`);
  });
}

/** The command that would leave the robot where its state [n] says it is; zero except in position mode. */
export function measuredCommand(profile: RobotProfile, state: Float32Array): Float32Array {
  const { mode, values } = profile.action;
  if (mode !== 'position') return new Float32Array(values.length);
  const names = stateNames(profile);
  return Float32Array.from(values, ({ measured = '' }) => state[names.indexOf(measured)] ?? NaN);
}
