import { JepilotError } from '#src/errors.js';
import type { ModelPolicyKind, ModelPolicySetting } from '#src/planning/model-policy.js';
import { disagreementOf, goalLatent, perceive } from '#src/planning/perception.js';
import { noEvidence, type Plan } from '#src/planning/plan.js';
import type { PlanRequest, Policy } from '#src/planning/policy.js';
import { priorPlans } from '#src/planning/prior-plans.js';
import { behind, planningSpec } from '#src/planning/search-problem.js';
import { blank, type Memory } from '#src/planning/surprise.js';
import { windowLength } from '#src/planning/window.js';
import { rngOf, type Rng } from '#src/rng.js';
import { reshape, type Tensor } from '#src/tensor.js';
import { requirePart } from '#src/world-model/optional-parts.js';

interface Episode {
  readonly rng: Rng;
  /** [1, D] */
  goal: Tensor;
  plans: number;
  memory: Memory;
}

/** Time to go after each imagined latent [1, D], in control steps; empty without a metric head. */
async function imaginedTimeToGo(
  { model }: ModelPolicySetting,
  latents: readonly Tensor[],
  goal: Tensor,
): Promise<number[]> {
  const blocks = await Promise.all(latents.map((latent) => model.timeToGo(latent, goal)));
  return blocks.flatMap((block) => (block ? block[0]! * model.manifest.action.repeat : []));
}

/**
 * Does what was done in the data on the way to such a goal: the mean of the model's action prior, block after block
 * along what it is imagined to lead to. No search: what a planner adds to that is what searching is worth.
 * Goal-conditioned imitation, as in Ghosh et al., ICLR 2021 (arXiv 1912.06088).
 */
async function create(setting: ModelPolicySetting): Promise<Policy> {
  const { model, settings, now } = setting;
  const { manifest } = model;
  requirePart(manifest, 'prior', "policy 'prior'");
  let episode: Episode | null = null;

  async function plan(request: PlanRequest): Promise<Plan> {
    const began = now();
    if (!episode) throw new JepilotError('bad-state', 'plan() came before reset(): there is no goal yet');
    const current = episode;
    const { goal } = current;
    const id = ++current.plans;
    const spec = planningSpec(manifest, settings, request);
    const { latent, step, memory, evidence } = await perceive(model, current.memory, goal, request, now);
    current.memory = memory;
    const searching = now();
    const { rows: plans, latents } = await priorPlans(model, { latent, goal, spec }, 1, current.rng.fork(id));
    const rows = reshape(plans, plans.shape.slice(1));
    const known = {
      ...evidence,
      imaginedTimeToGo: await imaginedTimeToGo(setting, latents, goal),
      disagreement: await disagreementOf(model, latent, rows),
      evaluations: spec.horizon,
    };
    const ended = now();
    const times = { searchMs: 1000 * (ended - searching), totalMs: 1000 * (ended - began) };
    return {
      id,
      ...behind(request.committed, rows, step),
      evidence: { ...noEvidence, ...known, ...times },
    };
  }

  return {
    name: 'prior',
    window: windowLength(manifest.history),
    plan,
    async reset({ seed, goal }) {
      const memory = blank(manifest.action.dim);
      episode = { rng: rngOf('prior', seed), goal: await goalLatent(model, goal), plans: 0, memory };
    },
    async setGoal(goal) {
      if (!episode) throw new JepilotError('bad-state', 'setGoal() came before reset()');
      episode.goal = await goalLatent(model, goal);
    },
    async [Symbol.asyncDispose]() {
      episode = null;
    },
  };
}

export const prior: ModelPolicyKind = {
  name: 'prior',
  about:
    'what was done in the data on the way to such a goal, without a search; needs a model with an action prior',
  create,
};
