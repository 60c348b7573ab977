import { z } from 'zod';
import { JepilotError } from '../errors.ts';

const seconds = z.number().positive().max(60);
const share = z.number().min(0).max(1);

/**
 * The figures of the safety envelope; all times in seconds. The defaults are what PX4, ros2_control, MoveIt Servo and
 * libfranka use or were derived from them: `docs/safety.md` gives the ground of each.
 */
export const SafetyLimits = z.strictObject({
  /** Between two beats, each way. */
  heartbeat: seconds.default(0.1),
  /** Without a beat from the planning end: hold. */
  beatSilence: seconds.default(0.25),
  /** Without an executable row, after the last one: hold. */
  rowSilence: seconds.default(0.1),
  /** Without a beat from the planning end: stopped, latched. */
  hardSilence: seconds.default(0.5),
  /** Without an observation of the robot's own: hold. */
  observationSilence: seconds.default(1),
  /** Rows of a plan whose replacement is overdue may run for this long. */
  tail: seconds.default(1),
  /** An observation that is older when it reaches the planner is not planned from. */
  observationAge: seconds.default(0.25),
  /** Beats and observations have to be on time for this long before a robot can be armed. */
  arming: seconds.default(1),
  /** How far the first row of a position robot may lie from its present command, in the action's unit. */
  firstPoint: z.number().positive().default(0.05),
  /** Kept clear at each end of a position's range, as a share of the range. */
  margin: z.number().min(0).max(0.49).default(0.02),
  /** Shares of the robot's own speed and acceleration (or slew) that commands may use. */
  velocityScale: share.default(0.5),
  accelerationScale: share.default(0.5),
  /** More than this share of the rows of `clampWindow` went beyond range or speed: hold. */
  clampShare: share.default(0.1),
  clampWindow: seconds.default(1),
  /** Plans in a row that were refused (not finite, wrong shape): hold. */
  refusals: z.int().positive().default(3),
});
export type SafetyLimits = z.infer<typeof SafetyLimits>;

/** What a robot gets that says nothing. */
export const defaultLimits: SafetyLimits = SafetyLimits.parse({});

/** What a simulated task plays under: its own bounds and speeds, whole, for they are its world. */
export const taskLimits: SafetyLimits = {
  ...defaultLimits,
  margin: 0,
  velocityScale: 1,
  accelerationScale: 1,
  clampShare: 1,
};

/** Limits of which more is safer; of all the others, less is. */
const floors: ReadonlySet<keyof SafetyLimits> = new Set(['arming', 'margin']);

const loosens = (key: keyof SafetyLimits, from: number, to: number): boolean =>
  floors.has(key) ? to < from : to > from;

/**
 * `limits` with what a profile wants in their place. A profile may only tighten them: `out-of-range` names the first
 * that it would loosen, unless a person said that they know (`mayLoosen`).
 */
export function tighten(
  limits: SafetyLimits,
  wanted: Partial<SafetyLimits>,
  place: string,
  mayLoosen = false,
): SafetyLimits {
  const keys = Object.keys(wanted) as (keyof SafetyLimits)[];
  const loose = keys.find((key) => loosens(key, limits[key], wanted[key] ?? limits[key]));
  if (loose === undefined || mayLoosen) return consistent({ ...limits, ...wanted }, place);
  const bound = `${floors.has(loose) ? 'at least' : 'at most'} ${limits[loose]}`;
  throw new JepilotError(
    'out-of-range',
    `${place}: safety limit '${loose}' is ${wanted[loose]}; a profile may only tighten it: ${bound}`,
  );
}

function consistent(limits: SafetyLimits, place: string): SafetyLimits {
  const { heartbeat, beatSilence, hardSilence } = limits;
  if (heartbeat < beatSilence && beatSilence < hardSilence) return limits;
  throw new JepilotError(
    'invalid-value',
    `${place}: safety limits need heartbeat < beatSilence < hardSilence; they are ${heartbeat}, ${beatSilence}, ${hardSilence}`,
  );
}
