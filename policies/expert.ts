import { Twin, type Privileged } from '#src/env/privileged.js';
import { stepTask } from '#src/env/step-task.js';
import type { Behaviour } from '#src/env/task.js';
import { JepilotError } from '#src/errors.js';
import type { Policy, PlanRequest } from '#src/planning/policy.js';
import type { PrivilegedKind, PrivilegedSetting } from '#src/planning/policy-kind.js';
import { rngOf } from '#src/rng.js';
import { clampAction } from '#src/spec.js';
import { extent, slice, zeros, type Tensor } from '#src/tensor.js';
import { startStepOf, unsearched } from './unsearched.ts';

/** A step that the expert has decided: the state before it, and its action. */
interface Decided {
  readonly state: Float64Array;
  readonly action: Float32Array;
}

const equal = (a: Float64Array, b: Float64Array): boolean =>
  a.length === b.length && a.every((v, i) => v === b[i]);

/**
 * The task's scripted solver, played ahead in a twin of the simulator. A solver may keep a memory of its own, so each
 * control step is decided once; what was decided stays valid until the world turns out otherwise.
 */
class Expert implements Policy {
  readonly name = 'expert';
  readonly window = 1;
  readonly privileged = true;
  readonly #setting: PrivilegedSetting;
  readonly #twin: Twin;
  #seed: number | null = null;
  #behaviour: Behaviour | null = null;
  #decided = new Map<number, Decided>();
  #plans = 0;

  constructor(setting: PrivilegedSetting) {
    this.#setting = setting;
    this.#twin = new Twin(setting.task);
  }

  async reset({ seed }: { seed: number }): Promise<void> {
    this.#seed = seed;
    this.#behaviour = null;
    this.#decided = new Map();
    this.#plans = 0;
  }

  async setGoal(): Promise<void> {
    this.#behaviour = null;
    this.#decided = new Map();
  }

  async plan(request: PlanRequest): Promise<ReturnType<typeof unsearched>> {
    const { privileged } = request;
    const present = request.observations.at(-1);
    if (this.#seed === null || !privileged || !present) {
      throw new JepilotError('bad-state', "policy 'expert' needs a reset and the simulator's true state");
    }
    const startStep = startStepOf(request);
    const { rows, actionSpec } = this.#setting;
    const actions = await this.#ahead(privileged, present.step, request.committed, rows);
    const decided = extent(request.committed, 0);
    const plan = zeros([rows, actionSpec.dim]);
    actions.slice(decided).forEach((action, i) => plan.data.set(action, i * actionSpec.dim));
    return unsearched(++this.#plans, startStep, plan);
  }

  /** Actions of the steps from `step` on: the committed ones, then `rows` of the expert's. */
  async #ahead(privileged: Privileged, step: number, committed: Tensor, rows: number) {
    const { task, actionSpec } = this.#setting;
    const physics = await this.#twin.of(privileged.variation);
    const rng = rngOf('expert', task.name, this.#seed ?? 0);
    this.#behaviour ??= task.expert!(privileged.variation, privileged.goal, rng);
    const count = extent(committed, 0);
    const actions: Float32Array[] = [];
    physics.setState(privileged.state);
    for (let at = step; at < step + count + rows; at++) {
      const state = physics.state();
      const known = this.#decided.get(at);
      const given = at - step < count ? slice(committed, at - step, at - step + 1).data : null;
      const action =
        given ??
        (known && equal(known.state, state)
          ? known.action
          : clampAction(actionSpec, this.#behaviour.act(physics)).action);
      this.#decided.set(at, { state, action });
      actions.push(action);
      stepTask(task, physics, action);
    }
    return actions;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#twin[Symbol.dispose]();
  }
}

export const expert: PrivilegedKind = {
  name: 'expert',
  about: 'the task’s scripted solver, which sees the true state: what can be done',
  replanInterval: 1,
  iterations: 1,
  create(setting) {
    if (setting.task.expert) return new Expert(setting);
    throw new JepilotError('unknown-name', `task '${setting.task.name}' has no scripted expert`);
  },
};
