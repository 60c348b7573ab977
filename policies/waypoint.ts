import { JepilotError } from '#src/errors.js';
import type { ModelPolicyKind, ModelPolicySetting } from '#src/planning/model-policy.js';
import { mpcPolicy } from '#src/planning/mpc-policy.js';
import { goalLatent, timesToGo } from '#src/planning/perception.js';
import type { Plan } from '#src/planning/plan.js';
import type { PlanRequest, Policy } from '#src/planning/policy.js';
import { shiftRows } from '#src/planning/warm-start.js';
import { windowLength, windowOf } from '#src/planning/window.js';
import { rngOf, type Rng } from '#src/rng.js';
import type { ActionSpec } from '#src/spec.js';
import { concat, reshape, slice, type Tensor } from '#src/tensor.js';
import { encodeOnce } from '#src/world-model/encode-once.js';
import { icem } from './icem.ts';
import { endOf, longHorizon, macroSearch, type MacroConfig, type MacroPlan } from './macro-search.ts';

export interface WaypointConfig extends MacroConfig {
  /** Plans between two looks far ahead. */
  readonly every: number;
  /** Time to go, in model steps, at which a way point counts as met. */
  readonly near: number;
  /** Share of a plan's seconds that looking far ahead may take. */
  readonly share: number;
}

export const waypointDefaults: WaypointConfig = {
  reach: 4,
  hold: 2,
  samples: 256,
  elites: 16,
  iterations: 3,
  haste: 0.02,
  every: 3,
  near: 1,
  share: 0.5,
};

interface Episode {
  readonly rng: Rng;
  /** [1, D] */
  goal: Tensor;
  plans: number;
  /** Plans since the last look far ahead. */
  since: number;
  /** That look, from control step `step`. */
  look: { readonly step: number; readonly plan: MacroPlan } | null;
  /** The way point that is planned to, [1, D]; null while it is the goal itself. */
  point: Tensor | null;
}

const blank = { plans: 0, since: 0, look: null, point: null };

function waypointPolicy(config: WaypointConfig, setting: ModelPolicySetting): Policy {
  const model = encodeOnce(setting.model);
  const { settings, now, mode = 'velocity' } = setting;
  const { action, history, latentDim } = model.manifest;
  const actionSpec: ActionSpec = { ...action, names: [], mode };
  let episode: Episode | null = null;

  /** The long plan that leads to the way point, from control step `step` on. */
  const propose = (step: number, count: number): Tensor | null => {
    if (!episode?.point || !episode.look) return null;
    const rows = shiftRows(actionSpec, episode.look.plan.rows, step - episode.look.step);
    return reshape(slice(rows, 0, count), [1, count, action.dim]);
  };
  const fine = mpcPolicy({ ...setting, model, planner: setting.planner ?? icem, propose });

  async function isDue({ look, since, point }: Episode, latent: Tensor): Promise<boolean> {
    if (!look || since >= config.every) return true;
    return point !== null && (await model.timeToGo(latent, point))![0]! <= config.near;
  }

  /** Looks far ahead, and takes the goal that follows from it. */
  async function look(
    current: Episode,
    latent: Tensor,
    step: number,
    request: PlanRequest,
    deadline: number,
  ) {
    const { goal } = current;
    // A way that got nowhere is no place to start from.
    const last = current.point &&
      current.look && { search: current.look.plan.search, elapsed: step - current.look.step };
    const rng = current.rng.fork(current.plans);
    const { horizon } = settings;
    const problem = { model, actionSpec, horizon, latent, goal, last, rng, now, deadline };
    const plan = await macroSearch(config, { ...problem, executed: request.executed });
    const point = plan.nearest > horizon ? await endOf(model, latent, plan.rows, horizon) : null;
    if (current !== episode || goal !== current.goal) return 0;
    const moves = point !== null || current.point !== null;
    Object.assign(current, { look: { step, plan }, since: 0, point });
    if (moves) await fine.setGoal({ kind: 'latent', value: reshape(point ?? goal, [latentDim]) });
    return plan.evaluations;
  }

  async function plan(request: PlanRequest): Promise<Plan> {
    const began = now();
    if (!episode) throw new JepilotError('bad-state', 'plan() came before reset(): there is no goal yet');
    const current = episode;
    current.plans += 1;
    const window = windowOf(request.observations, history);
    const latent = await model.encode([window]);
    const encodeMs = 1000 * (now() - began);
    const { seconds = Infinity } = request.budget;
    const deadline = began + config.share * seconds;
    const looking = now();
    const looked = (await isDue(current, latent))
      ? await look(current, latent, window.at(-1)!.step, request, deadline)
      : 0;
    current.since += 1;
    const lookMs = 1000 * (now() - looking);
    const left = began + seconds - now();
    const budget = { ...request.budget, ...(Number.isFinite(left) && { seconds: left }) };
    const found = await fine.plan({ ...request, budget });
    const evidence = {
      ...found.evidence,
      ...(current.point &&
        (await timesToGo(model, latent, current.goal, concat([request.committed, found.actions])))),
      evaluations: found.evidence.evaluations + looked,
      encodeMs,
      searchMs: found.evidence.searchMs + lookMs,
      totalMs: 1000 * (now() - began),
    };
    return { ...found, evidence };
  }

  return {
    name: 'waypoint',
    window: windowLength(history),
    plan,
    async reset({ seed, goal }) {
      const latent = await goalLatent(model, goal);
      await fine.reset({ seed, goal });
      episode = { ...blank, rng: rngOf('waypoint', seed), goal: latent };
    },
    async setGoal(goal) {
      if (!episode) throw new JepilotError('bad-state', 'setGoal() came before reset()');
      const latent = await goalLatent(model, goal);
      await fine.setGoal(goal);
      Object.assign(episode, { ...blank, plans: episode.plans, goal: latent });
    },
    async [Symbol.asyncDispose]() {
      episode = null;
      await fine[Symbol.asyncDispose]();
    },
  };
}

/**
 * Plans to goals far beyond the horizon: every few plans a long, coarse search finds the way that comes nearest to the
 * goal, detours included, and the latent where that way is at the end of the fine horizon becomes the goal of the usual
 * planner, until the goal itself is within the horizon. Hierarchical planning as in Zhang et al., 2026
 * (arXiv 2604.03208), with macro actions that are held instead of learned. Costs in the evidence are those of the way
 * point; times to go are those of the goal. Needs a metric head.
 */
export const waypointKind = (config: WaypointConfig): ModelPolicyKind => ({
  name: 'waypoint',
  about: 'for far goals: a coarse search far ahead sets way points, the model’s planner plans to each',
  async create(setting) {
    const { name, metric } = setting.model.manifest;
    if (!metric) {
      throw new JepilotError(
        'bad-model',
        `policy 'waypoint' needs a metric head; model '${name}' has none: take a planner with objective 'latent'`,
      );
    }
    const { horizon, objective } = setting.settings;
    await setting.model.prepare(longHorizon(config, horizon), { kind: 'metric', over: 'terminal' });
    await setting.model.prepare(horizon, objective);
    return waypointPolicy(config, setting);
  },
});

export const waypoint = waypointKind(waypointDefaults);
