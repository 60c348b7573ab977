import type { CadenceReport } from '../control/cadence.ts';
import type { Tick } from '../control/tick.ts';
import type { Image } from '../env/observation.ts';
import type { PlanEvidence } from '../planning/plan.ts';
import type { ProviderReport } from '../world-model/world-model.ts';

/** Whatever JSON can say, as a configuration file does. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What the camera showed at the beginning of control step `step`. */
export interface Frame {
  readonly step: number;
  readonly image: Image;
}

/** A plan as it is remembered after the run: its evidence, without its actions (those are in the recording). */
export interface PlanRecord {
  readonly id: number;
  /** Control step of the observation that the plan was made from. */
  readonly step: number;
  /** First control step that the plan speaks for. */
  readonly startStep: number;
  readonly evidence: PlanEvidence;
}

/** Milliseconds of whole plans: median, tail and worst. */
export interface PlanTimes {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Who kept the clock: the wall (`realtime`), or the run itself, as fast as it could (`fast`). */
export type RunMode = 'realtime' | 'fast';

/** The run in one flat line of JSON: what `result.json` holds and what scripts read. */
export interface RunResult {
  readonly task: string;
  /** Null for a policy that needs no model. */
  readonly model: string | null;
  readonly planner: string;
  readonly track: string;
  readonly seed: number;
  /** Null where nobody can tell: the goal was a picture from outside. */
  readonly success: boolean | null;
  /** Control steps until the goal was reached; null when it was not. */
  readonly stepsToSuccess: number | null;
  /** Control steps acted, the hold that ends a stopped run not among them. */
  readonly steps: number;
  /** In the task's unit; null when no distance was measured. */
  readonly finalDistance: number | null;
  /** Null when nothing was planned. */
  readonly planMs: PlanTimes | null;
  readonly plans: number;
  /** Ticks without a live plan. */
  readonly holds: number;
  /** Ticks that ran the rest of an older plan. */
  readonly tails: number;
  /** Execution provider of the model; null without a model. */
  readonly provider: string | null;
  /** How well the control clock was kept, as the control loop measured it; null in virtual time. */
  readonly cadence: CadenceReport | null;
  readonly version: string;
  readonly mode: RunMode;
}

/** Everything that was seen, planned and sent in a run, before it is summed up. */
export interface RunTrace {
  /** The effective configuration, defaults filled in. */
  readonly config: Json;
  /** The command that runs this again. */
  readonly command: string;
  readonly task: string;
  /** The task in a sentence. */
  readonly about: string;
  readonly modelName: string | null;
  readonly plannerName: string;
  readonly seed: number;
  readonly track: string;
  readonly mode: RunMode;
  /** Seconds per control step. */
  readonly controlPeriod: number;
  /** Control steps per model step: the spacing of a plan's imagined future. */
  readonly actionRepeat: number;
  readonly actionNames: readonly string[];
  /** Unit of `distances`: m, rad. */
  readonly distanceUnit: string;
  /** Milliseconds that a plan may take; null without a deadline. */
  readonly deadlineMs: number | null;
  readonly goal: Image;
  readonly frames: readonly Frame[];
  readonly ticks: readonly Tick[];
  readonly plans: readonly PlanRecord[];
  /** True distance to the goal before control step i, and after the last: [steps + 1]. Empty where it can't be measured. */
  readonly distances: readonly number[];
  /** Control steps done when the goal was reached; null when it was not. */
  readonly successStep: number | null;
  /** Why the run ended early, when it did: an interrupt, or an error that stopped it. */
  readonly stopped?: string;
  readonly cadence: CadenceReport | null;
  readonly provider: ProviderReport | null;
  readonly version: string;
  /** ISO 8601 time of the start. */
  readonly started: string;
}

/** A finished run: the trace and its summary. */
export interface RunRecord extends RunTrace {
  readonly result: RunResult;
}
