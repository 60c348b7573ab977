import { z } from 'zod';

// Bodies are read without complaint about keys that a later version may add.

/** A number that JSON may have no word for: `"NaN"`, `"Infinity"` and `"-Infinity"` are read as what they name. */
export const real = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);

const step = z.int().min(0).describe('control step');
const reals = z.array(real);

const stamp = z.strictObject({ sec: z.int().min(0), nsec: z.int().min(0).max(999_999_999) });

/** When the message is of: the recording's wall-clock base and the source's own seconds. */
const timestamp = stamp.meta({ title: 'time' });

/** foxglove.JointStates: one joint for each of the robot's state values. `position` carries the value, whatever it is. */
export const StateBody = z.object({
  timestamp,
  step,
  joints: z.array(z.strictObject({ name: z.string(), position: real })),
});

/** foxglove.CompressedImage. PNG: what is planned from it again must be what was seen. */
export const ImageBody = z.object({
  timestamp,
  step,
  frame_id: z.string(),
  format: z.enum(['png', 'jpeg']),
  data: z.string().meta({ contentEncoding: 'base64' }),
});

/** A raw action: one value for each name of the action specification. */
export const ActionBody = z.object({
  timestamp,
  step,
  values: reals,
  time: z.number().optional().describe('seconds since the run began'),
  source: z.enum(['plan', 'tail', 'hold']).optional(),
  reason: z.string().optional().describe('why the step holds'),
  planId: z.int().optional(),
  age: z.int().optional().describe('control steps since the observation that was planned from'),
  clamped: z.boolean().optional(),
  clamps: z.array(z.string()).optional().describe('the limits that changed it'),
});

/** A plan and its evidence; `step` is that of the observation that it was made from. */
export const PlanBody = z.object({
  timestamp,
  step,
  id: z.int(),
  startStep: z.int(),
  seed: z.int().optional(),
  rows: z.array(z.strictObject({ values: reals })).describe('raw actions from startStep on'),
  costs: reals.describe('lowest cost after each iteration'),
  eliteSpread: real.optional(),
  timeToGo: real.optional().describe('control steps'),
  imaginedTimeToGo: reals.describe('control steps, after each model step'),
  surprise: real.optional(),
  disagreement: real.optional(),
  evaluations: z.int(),
  iterations: z.int(),
  cut: z.boolean().describe('the deadline cut the iterations short'),
  encodeMs: real,
  searchMs: real,
  totalMs: real,
  queueMs: real.optional().describe('waiting for an engine that planned for others'),
});

/** Anything that a person would want to be told: holds, stops, failures, the link, what was dropped. */
export const EventBody = z.object({
  timestamp,
  step,
  kind: z.string().describe('hold, go, failed, ended, link, arm, emergency-stop, goal, dropped'),
  reason: z.string().optional(),
  detail: z.string().optional(),
  count: z.int().optional(),
});

const quantiles = z.strictObject({ p50: real, p95: real, p99: real, max: real });

/** How the clock and the link are kept, from the beginning to here. */
export const LinkBody = z.object({
  timestamp,
  step,
  targetHz: real,
  achievedHz: real.optional(),
  lateTicks: z.int().optional(),
  skippedTicks: z.int().optional(),
  latenessMs: quantiles.optional(),
  planMs: quantiles.optional(),
  observationAgeMs: quantiles.optional(),
  /** On a server: waiting for the engine, and all that is neither waiting nor planning. */
  queueMs: quantiles.optional(),
  overheadMs: quantiles.optional(),
  roundTripMs: real.optional(),
  plans: z.int(),
  latePlans: z.int(),
  droppedPlans: z.int(),
  tails: z.int(),
  holds: z.int(),
  clamps: z.int(),
  failures: z.int(),
  refused: z.int().optional().describe('plans refused whole'),
});

/** What only a simulator can tell. */
export const ProgressBody = z.object({ timestamp, step, distance: real, success: z.boolean() });

type Unstamped<T> = T extends unknown ? Omit<T, 'timestamp' | 'step'> : never;

/** Bodies before the step and the time stamp are put in. */
export interface Bodies {
  readonly state: Unstamped<z.infer<typeof StateBody>>;
  readonly image: Unstamped<z.infer<typeof ImageBody>>;
  readonly action: Unstamped<z.infer<typeof ActionBody>>;
  readonly plan: Unstamped<z.infer<typeof PlanBody>>;
  readonly event: Unstamped<z.infer<typeof EventBody>>;
  readonly link: Unstamped<z.infer<typeof LinkBody>>;
  readonly progress: Unstamped<z.infer<typeof ProgressBody>>;
}
