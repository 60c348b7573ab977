import type { Rng } from '../rng.ts';
import { extent, type Tensor } from '../tensor.ts';
import type { Evaluation } from '../world-model/world-model.ts';
import type { Planner, PlannerStart, PlanningSpec } from './planner.ts';
import { candidate, candidatesOf } from './population.ts';

/** Scores candidates [N, H, A], with gradient if need be; all calls of one search see the same present and goal. */
export type Evaluate = (candidates: Tensor, needs: Planner['needs']) => Promise<Evaluation>;

export interface SearchBudget {
  /** At most so many; at least one is always run. */
  readonly iterations: number;
  /** On the clock of `now`; an iteration that would probably end later is not begun. */
  readonly deadline?: number;
  /** Seconds of a monotonic clock. */
  readonly now: () => number;
  readonly rng: Rng;
  /** Spread of the search at which it ends early, for its elites agree. */
  readonly agreement?: number;
}

/** What a search found, and what it cost. */
export interface Search<S> {
  readonly state: S;
  /** The plan, raw rows [H·f, a], committed rows first. */
  readonly rows: Tensor;
  /** Lowest cost so far after each iteration. */
  readonly costs: readonly number[];
  /** Imagined time to go of the plan, [H] in model steps; null without a metric head, or without time to ask. */
  readonly timeToGo: Float32Array | null;
  readonly spread: number;
  /** Predictor evaluations: candidates × model steps, summed. */
  readonly evaluations: number;
  readonly iterations: number;
  readonly cut: boolean;
}

interface Imagined {
  readonly cost: number;
  readonly rows: Float32Array;
  readonly timeToGo: Float32Array | null;
}

/** The cheapest candidate of a population. NaN never wins. */
function cheapest(candidates: Tensor, { costs, timeToGo }: Evaluation): Imagined {
  let index = 0;
  for (let i = 1; i < costs.length; i++) {
    if (costs[i]! < costs[index]! || Number.isNaN(costs[index])) index = i;
  }
  const steps = extent(candidates, 1);
  return {
    cost: costs[index]!,
    rows: candidate(candidates, index),
    timeToGo: timeToGo && timeToGo.data.slice(index * steps, (index + 1) * steps),
  };
}

const equal = (a: Float32Array, b: Float32Array): boolean =>
  a.length === b.length && a.every((v, i) => v === b[i]);

/**
 * The search loop of every planner: sample, evaluate, update, until the iterations or the time are used up.
 * Anytime: a run of the model can't be interrupted, so the loop stops when the slowest iteration so far, once more,
 * would overrun the deadline. A planner that answers with a plan it never scored (a mean) has it scored at the end,
 * one more candidate, if time allows. Throws `bad-model` when no candidate of a population has a finite cost.
 */
export async function optimize<S>(
  planner: Planner<S>,
  spec: PlanningSpec,
  start: PlannerStart<S>,
  evaluate: Evaluate,
  { iterations, deadline = Infinity, now, rng, agreement = 0 }: SearchBudget,
): Promise<Search<S>> {
  let state = planner.init(spec, start);
  let best: Imagined | null = null;
  let evaluations = 0;
  let slowest = 0;
  let agreed = false;
  const costs: number[] = [];
  const late = (): boolean => now() + slowest > deadline;
  const score: Evaluate = (candidates, needs) => {
    evaluations += extent(candidates, 0) * spec.horizon;
    return evaluate(candidates, needs);
  };
  do {
    const began = now();
    const sampled = planner.sample(state, rng);
    const evaluation = await score(sampled.candidates, planner.needs);
    state = planner.update(sampled.state, sampled.candidates, evaluation);
    const found = cheapest(sampled.candidates, evaluation);
    if (!best || found.cost < best.cost) best = found;
    costs.push(best.cost);
    slowest = Math.max(slowest, now() - began);
    agreed = planner.spread(state) < agreement;
  } while (costs.length < iterations && !agreed && !late());

  const rows = planner.result(state);
  const timeToGo = await imaginedOf(spec, rows, best, planner.needs, late() ? null : score);
  const spread = planner.spread(state);
  const cut = costs.length < iterations && !agreed;
  return { state, rows, costs, timeToGo, spread, evaluations, iterations: costs.length, cut };
}

/** Imagined time to go of a plan, [H]: known if it is the best candidate, else to be scored, else unknown. */
async function imaginedOf(
  spec: PlanningSpec,
  plan: Tensor,
  best: Imagined,
  needs: Planner['needs'],
  score: Evaluate | null,
) {
  if (best.timeToGo && equal(plan.data, best.rows)) return best.timeToGo;
  // Scores that tell no time to go come from a model without one; gradients never tell it.
  if (!score || (!best.timeToGo && needs === 'costs')) return null;
  const alone = candidatesOf(spec, plan.data);
  return cheapest(alone, await score(alone, 'costs')).timeToGo;
}
