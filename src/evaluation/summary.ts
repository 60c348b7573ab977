import { quantiles, wilson } from './statistics.ts';

/** What one episode came to. */
export interface EpisodeRecord {
  readonly seed: number;
  readonly success: boolean;
  /** Control steps until success, latched; null without. */
  readonly stepsToSuccess: number | null;
  /** The goal is met when the episode ends, which is at success unless it is played to its end. */
  readonly successAtEnd: boolean;
  readonly steps: number;
  readonly finalDistance: number;
  readonly holds: number;
  readonly tails: number;
  readonly clamps: number;
  /** Hash of every action sent: equal actions, equal hash. */
  readonly actions: string;
  /** Control steps at the end for which success stood. */
  readonly heldSteps: number;
  /** Steps that the task's rules forbid: inside of a wall, say. */
  readonly illegalSteps: number;
  readonly plans: number;
  /** Predictor evaluations of all plans. */
  readonly evaluations: number;
  /** Milliseconds per plan, encoding included. */
  readonly planMs: readonly number[];
}

/** What was evaluated. */
export interface EvaluationHeader {
  readonly task: string;
  /** null for a planner that needs none. */
  readonly model: string | null;
  readonly planner: string;
  readonly track: string;
  readonly seed: number;
  readonly latency: number;
  /** Episodes were played to the end of their budget. */
  readonly toEnd: boolean;
  readonly provider: string | null;
  /** Arithmetic that was asked for. */
  readonly precision?: string | null;
  readonly version: string;
  readonly settings: Readonly<Record<string, unknown>> | null;
  readonly variation: Readonly<Record<string, number>>;
}

/** How many episodes end at the goal, with Wilson's interval. */
function heldAtEnd(records: readonly EpisodeRecord[]) {
  const held = records.filter((record) => record.successAtEnd).length;
  return { held, ...wilson(held, records.length) };
}

/** Success with Wilson's interval, and the time that it took, over one record per episode. */
export function summarise(header: EvaluationHeader, records: readonly EpisodeRecord[]) {
  const successes = records.filter((record) => record.success).length;
  const steps = records.flatMap((record) => record.stepsToSuccess ?? []);
  const planMs = records.flatMap((record) => record.planMs);
  return {
    ...header,
    episodes: records.length,
    successes,
    ...wilson(successes, records.length),
    heldAtEnd: header.toEnd ? heldAtEnd(records) : null,
    stepsToSuccess: quantiles(steps, { p50: 0.5, p95: 0.95 }),
    planMs: quantiles(planMs, { p50: 0.5, p95: 0.95, p99: 0.99 }),
    records: records.map(({ planMs: times, ...rest }) => ({
      ...rest,
      planMs: quantiles(times, { p50: 0.5 }).p50,
    })),
  };
}

export type EvaluationResult = ReturnType<typeof summarise>;
