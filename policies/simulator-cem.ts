import { Twin, type Privileged } from '#src/env/privileged.js';
import type { Physics } from '#src/env/physics.js';
import { stepTask } from '#src/env/step-task.js';
import type { Task } from '#src/env/task.js';
import { JepilotError } from '#src/errors.js';
import { optimize } from '#src/planning/optimize.js';
import { noEvidence } from '#src/planning/plan.js';
import type { PlanningSpec } from '#src/planning/planner.js';
import type { PlanRequest, Policy } from '#src/planning/policy.js';
import type { PrivilegedKind, PrivilegedSetting } from '#src/planning/policy-kind.js';
import { rowsOf } from '#src/planning/population.js';
import { shiftRows, stillRows } from '#src/planning/warm-start.js';
import { rngOf, type Rng } from '#src/rng.js';
import { extent, slice, type Tensor } from '#src/tensor.js';
import { cem } from './cem.ts';
import { startStepOf } from './unsearched.ts';

/** Raw actions per scored step: the action repeat of the shipped models. */
const REPEAT = 5;
const DEFAULTS = { horizon: 5, samples: 64, elites: 8, iterations: 3 } as const;

/** Costs [N] of candidates [N, H·f·a] played from `state`: the true cost to go after each block, weighed .3 to 1. */
function score(task: Task, physics: Physics, now: Privileged, spec: PlanningSpec, candidates: Tensor) {
  const { horizon, actionRepeat, actionDim } = spec;
  const count = extent(candidates, 0);
  const costs = new Float32Array(count);
  const cost = () => task.costToGo?.(physics, now.goal, now.variation) ?? task.distance(physics, now.goal);
  for (let n = 0; n < count; n++) {
    physics.setState(now.state);
    for (let h = 0; h < horizon; h++) {
      for (let k = 0; k < actionRepeat; k++) {
        const at = ((n * horizon + h) * actionRepeat + k) * actionDim;
        stepTask(task, physics, candidates.data.slice(at, at + actionDim));
      }
      costs[n]! += (0.3 + (horizon > 1 ? (0.7 * h) / (horizon - 1) : 0.7)) * cost();
    }
  }
  return costs;
}

/** The cross-entropy method on the simulator itself: the same search with a perfect model and the true cost to go. */
class SimulatorCem implements Policy {
  readonly name = 'simulator-cem';
  readonly window = 1;
  readonly privileged = true;
  readonly #setting: PrivilegedSetting;
  readonly #twin: Twin;
  #rng: Rng | null = null;
  #last: { readonly step: number; readonly rows: Tensor } | null = null;
  #plans = 0;

  constructor(setting: PrivilegedSetting) {
    this.#setting = setting;
    this.#twin = new Twin(setting.task);
  }

  async reset({ seed }: { seed: number }): Promise<void> {
    this.#rng = rngOf('plan', this.name, seed);
    this.#last = null;
    this.#plans = 0;
  }

  async setGoal(): Promise<void> {
    this.#last = null;
  }

  async plan(request: PlanRequest) {
    const { privileged, committed, executed, budget } = request;
    const present = request.observations.at(-1);
    if (!this.#rng || !privileged || !present) {
      throw new JepilotError(
        'bad-state',
        "policy 'simulator-cem' needs a reset and the simulator's true state",
      );
    }
    const { task, actionSpec, overrides } = this.#setting;
    const physics = await this.#twin.of(privileged.variation);
    const { minimum, maximum, dim } = actionSpec;
    const shape = { actionRepeat: REPEAT, actionDim: dim, minimum, maximum, committed };
    const spec: PlanningSpec = { ...DEFAULTS, ...searchOf(overrides), ...shape };
    const mean = this.#last
      ? shiftRows(actionSpec, this.#last.rows, present.step - this.#last.step)
      : stillRows(actionSpec, rowsOf(spec), executed);
    const id = ++this.#plans;
    const evaluate = async (candidates: Tensor) => ({
      costs: score(task, physics, privileged, spec, candidates),
      timeToGo: null,
      latents: null,
    });
    const limits = { iterations: budget.iterations, now: () => 0, rng: this.#rng.fork(id) };
    const { rows, costs, evaluations, iterations, cut } = await optimize(
      cem,
      spec,
      { mean, elapsed: 0 },
      evaluate,
      limits,
    );
    this.#last = { step: present.step, rows };
    const actions = slice(rows, extent(committed, 0), extent(rows, 0));
    const evidence = { ...noEvidence, costs, evaluations, iterations, cut };
    return { id, actions, startStep: startStepOf(request), evidence };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#twin[Symbol.dispose]();
  }
}

/** The parts of a search that were asked for. */
const searchOf = ({ horizon, samples, elites }: PrivilegedSetting['overrides']) => ({
  ...(horizon === undefined ? {} : { horizon }),
  ...(samples === undefined ? {} : { samples }),
  ...(elites === undefined ? {} : { elites }),
});

export const simulatorCem: PrivilegedKind = {
  name: 'simulator-cem',
  about: 'cem on the simulator itself and the true cost to go: the ceiling of the search',
  replanInterval: REPEAT,
  iterations: DEFAULTS.iterations,
  create: (setting) => new SimulatorCem(setting),
};
