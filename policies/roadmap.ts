import { JepilotError } from '#src/errors.js';
import type { ModelPolicyKind, ModelPolicySetting } from '#src/planning/model-policy.js';
import { mpcPolicy } from '#src/planning/mpc-policy.js';
import { goalLatent, timesToGo } from '#src/planning/perception.js';
import type { Plan } from '#src/planning/plan.js';
import type { PlanRequest, Policy } from '#src/planning/policy.js';
import { windowLength, windowOf } from '#src/planning/window.js';
import { rngOf, type Rng } from '#src/rng.js';
import type { ActionSpec } from '#src/spec.js';
import { concat, extent, reshape, slice, type Tensor } from '#src/tensor.js';
import { encodeOnce } from '#src/world-model/encode-once.js';
import { icem } from './icem.ts';
import { distance, imaginedWay, type TreeConfig, type Way } from './imagined-tree.ts';

export interface RoadmapConfig extends TreeConfig {
  /** Model steps along the way that the fine search is sent ahead. */
  readonly ahead: number;
  /** Strides off the way at which a new one is imagined. */
  readonly astray: number;
  /** Share of a plan's seconds that imagining a way may take. */
  readonly share: number;
}

export const roadmapDefaults: RoadmapConfig = {
  batch: 8,
  nodes: 600,
  moves: 26,
  apart: 0.5,
  near: 0.6,
  greed: 1,
  ahead: 3,
  astray: 1.5,
  share: 0.5,
};

interface Episode {
  readonly rng: Rng;
  /** [1, D] */
  goal: Tensor;
  plans: number;
  way: Way | null;
  /** Node of the way that the fine search is sent to; null while it is the goal itself. */
  sent: number | null;
}

/** The node of a way nearest to a latent, and how far off it is in strides. */
function placeOn({ latents, stride }: Way, latent: Float32Array): { at: number; off: number } {
  let [at, off] = [0, Infinity];
  for (let i = 0; i < extent(latents, 0); i++) {
    const d = distance(slice(latents, i, i + 1).data, latent) / stride;
    if (d <= off) [at, off] = [i, d];
  }
  return { at, off };
}

function roadmapPolicy(config: RoadmapConfig, setting: ModelPolicySetting): Policy {
  const model = encodeOnce(setting.model);
  const { now, mode = 'velocity' } = setting;
  const { action, history, latentDim } = model.manifest;
  const actionSpec: ActionSpec = { ...action, names: [], mode };
  const fine = mpcPolicy({ ...setting, model, planner: setting.planner ?? icem });
  let episode: Episode | null = null;

  /** The way from here, imagined anew where there is none or the robot is off it; and what that took. */
  async function wayFrom(
    current: Episode,
    latent: Tensor,
    deadline: number,
  ): Promise<{ at: number; evaluations: number }> {
    const { way, goal, rng, plans } = current;
    if (way) {
      const { at, off } = placeOn(way, latent.data);
      const spent = !way.reached && at >= extent(way.latents, 0) - 1;
      if (off <= config.astray && !spent) return { at, evaluations: 0 };
    }
    const problem = { model, actionSpec, latent, goal, rng: rng.fork(plans), now, deadline };
    const found = await imaginedWay(config, problem);
    current.way = found;
    current.sent = null;
    return { at: 0, evaluations: found.evaluations };
  }

  /** Sends the fine search to the node that lies ahead, or to the goal where the way ends before. */
  async function send(current: Episode, at: number): Promise<void> {
    const { way, goal } = current;
    if (!way) return;
    const last = extent(way.latents, 0) - 1;
    const next = Math.min(at + config.ahead, last);
    const wanted = way.reached && next === last ? null : next;
    if (wanted === current.sent && current.plans > 1) return;
    const value = wanted === null ? goal : slice(way.latents, wanted, wanted + 1);
    await fine.setGoal({ kind: 'latent', value: reshape(value, [latentDim]) });
    current.sent = wanted;
  }

  async function plan(request: PlanRequest): Promise<Plan> {
    const began = now();
    if (!episode) throw new JepilotError('bad-state', 'plan() came before reset(): there is no goal yet');
    const current = episode;
    current.plans += 1;
    const latent = await model.encode([windowOf(request.observations, history)]);
    const encodeMs = 1000 * (now() - began);
    const { seconds = Infinity } = request.budget;
    const { at, evaluations } = await wayFrom(current, latent, began + config.share * seconds);
    if (current === episode) await send(current, at);
    const left = began + seconds - now();
    const budget = { ...request.budget, ...(Number.isFinite(left) && { seconds: left }) };
    const found = await fine.plan({ ...request, budget });
    const evidence = {
      ...found.evidence,
      ...(current.sent !== null &&
        model.manifest.metric &&
        (await timesToGo(model, latent, current.goal, concat([request.committed, found.actions])))),
      evaluations: found.evidence.evaluations + evaluations,
      encodeMs,
      totalMs: 1000 * (now() - began),
    };
    return { ...found, evidence };
  }

  return {
    name: 'roadmap',
    window: windowLength(history),
    plan,
    async reset({ seed, goal }) {
      await fine.reset({ seed, goal });
      episode = {
        rng: rngOf('roadmap', seed),
        goal: await goalLatent(model, goal),
        plans: 0,
        way: null,
        sent: null,
      };
    },
    async setGoal(goal) {
      if (!episode) throw new JepilotError('bad-state', 'setGoal() came before reset()');
      await fine.setGoal(goal);
      Object.assign(episode, { goal: await goalLatent(model, goal), way: null, sent: null });
    },
    async [Symbol.asyncDispose]() {
      episode = null;
      await fine[Symbol.asyncDispose]();
    },
  };
}

/**
 * Plans to goals behind walls and corners: a tree of imagined latents finds the way once, and the usual planner is sent from
 * place to place along it; the way is imagined anew only where the robot is off it. Costs in the evidence are those of the
 * place ahead; times to go are those of the goal. Needs a model whose latents tell neighbouring places apart, and no
 * metric head.
 */
export const roadmapKind = (config: RoadmapConfig): ModelPolicyKind => ({
  name: 'roadmap',
  about:
    'for far goals behind walls: a tree of imagined latents finds the way, the model’s planner follows it',
  async create(setting) {
    const { horizon, objective } = setting.settings;
    await setting.model.prepare(horizon, objective);
    return roadmapPolicy(config, setting);
  },
});

export const roadmap = roadmapKind(roadmapDefaults);
