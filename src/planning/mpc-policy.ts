import { JepilotError } from '../errors.ts';
import { rngOf, type Rng } from '../rng.ts';
import type { ActionSpec } from '../spec.ts';
import { concat, reshape, type Tensor } from '../tensor.ts';
import { checkGradientOf } from '../world-model/cost-gradient.ts';
import { contextOf as manifestContext } from '../world-model/manifest.ts';
import { requirePart } from '../world-model/optional-parts.ts';
import type { ModelPolicySetting } from './model-policy.ts';
import { optimize, type Evaluate, type Search } from './optimize.ts';
import { disagreementOf, goalLatent, perceive, type Present } from './perception.ts';
import type { Plan } from './plan.ts';
import type { Planner, PlannerStart, PlanningSpec } from './planner.ts';
import type { PlanRequest, Policy } from './policy.ts';
import { rowsOf } from './population.ts';
import { priorPlans } from './prior-plans.ts';
import { behind, planningSpec } from './search-problem.ts';
import { blank, contextOf, type Memory } from './surprise.ts';
import { warmStart, type LastSearch } from './warm-start.ts';
import { windowLength } from './window.ts';

/** As any policy on a model, with the planner that searches. */
export interface MpcConfig extends ModelPolicySetting {
  readonly planner: Planner;
  /** Further plans [k, `rows`, a] from control step `step` on, for the first population of a search. */
  readonly propose?: (step: number, rows: number) => Tensor | null;
}

interface Episode {
  readonly rng: Rng;
  /** [1, D] */
  goal: Tensor;
  plans: number;
  memory: Memory;
  last: LastSearch | null;
}

/**
 * Model-predictive control in latent space: encode, search from the present through the committed rows, answer with
 * what follows them, and start the next search from this one, shifted. Equal seeds and requests give equal plans
 * unless a budget in seconds cuts a search. One plan at a time. A planner or setting that needs a part which the model
 * lacks is `bad-model`, at once.
 */
export function mpcPolicy(config: MpcConfig): Policy {
  const { model, planner, settings, now, mode = 'velocity' } = config;
  const { manifest } = model;
  const { action, history, latentDim } = manifest;
  const actionSpec: ActionSpec = { ...action, names: [], mode };
  const { horizon, objective, priorProposals = 0 } = settings;
  if (planner.needs === 'gradient')
    checkGradientOf(manifest, horizon, objective, `planner '${planner.name}'`);
  if (priorProposals > 0) requirePart(manifest, 'prior', "planning setting 'priorProposals'");
  const longest = manifestContext(manifest);
  let episode: Episode | null = null;

  /** Scores candidates from the present on, with as much of the past as the predictor sees and is remembered. */
  function evaluator(memory: Memory, goal: Tensor): Evaluate {
    const context = contextOf(memory, longest, action.repeat);
    const job = { context, goal: reshape(goal, [latentDim]), objective };
    return async (actions, needs) =>
      needs === 'gradient'
        ? { ...(await model.gradient({ ...job, actions })), timeToGo: null, latents: null }
        : (await model.evaluate([{ ...job, actions }]))[0]!;
  }

  /** The warm start, and what the action prior and others propose beside it. */
  async function startOf(
    spec: PlanningSpec,
    { goal, last }: Pick<Episode, 'goal' | 'last'>,
    { step, latent }: Present,
    executed: Tensor,
    rng: Rng,
  ): Promise<PlannerStart<unknown>> {
    const { proposals, ...warm } = warmStart(actionSpec, rowsOf(spec), last, step, executed);
    const given = config.propose?.(step, rowsOf(spec));
    const drawn =
      priorProposals > 0 && (await priorPlans(model, { latent, goal, spec }, priorProposals, rng)).rows;
    const all = [proposals, given, drawn].filter((rows) => !!rows);
    return { ...warm, ...(all.length > 0 && { proposals: concat(all) }) };
  }

  async function plan(request: PlanRequest): Promise<Plan> {
    const began = now();
    if (!episode) throw new JepilotError('bad-state', 'plan() came before reset(): there is no goal yet');
    const current = episode;
    const { goal, last } = current;
    const id = ++current.plans;
    const spec = planningSpec(manifest, settings, request);
    const present = await perceive(model, current.memory, goal, request, now);
    const { latent, step } = present;
    current.memory = present.memory;
    const searching = now();
    const rng = current.rng.fork(id);
    const start = await startOf(spec, { goal, last }, present, request.executed, rng.fork('prior'));
    const { iterations, seconds = Infinity } = request.budget;
    const { agreement = 0 } = settings;
    const limits = { iterations, deadline: began + seconds, now, rng, agreement };
    const search = await optimize(planner, spec, start, evaluator(present.memory, goal), limits);
    // A goal that was set meanwhile has made this plan useless as a start.
    if (current.goal === goal) current.last = { step, rows: search.rows, state: search.state };
    const disagreement = await disagreementOf(model, latent, search.rows);
    const ended = now();
    const evidence = {
      ...evidenceOf(search, action.repeat),
      ...present.evidence,
      disagreement,
      evaluations: search.evaluations + priorProposals * horizon,
      searchMs: 1000 * (ended - searching),
      totalMs: 1000 * (ended - began),
    };
    return { id, ...behind(request.committed, search.rows, step), evidence };
  }

  return {
    name: planner.name,
    window: windowLength(history),
    plan,
    async reset({ seed, goal }) {
      const rng = rngOf('plan', planner.name, seed);
      const memory = blank(action.dim);
      episode = { rng, goal: await goalLatent(model, goal), plans: 0, memory, last: null };
    },
    async setGoal(goal) {
      if (!episode) throw new JepilotError('bad-state', 'setGoal() came before reset()');
      // The last plan led elsewhere: it's no place to start from.
      Object.assign(episode, { goal: await goalLatent(model, goal), last: null });
    },
    async [Symbol.asyncDispose]() {
      episode = null;
    },
  };
}

const evidenceOf = (search: Search<unknown>, repeat: number) => ({
  costs: search.costs,
  eliteSpread: search.spread,
  imaginedTimeToGo: Array.from(search.timeToGo ?? [], (blocks) => blocks * repeat),
  iterations: search.iterations,
  cut: search.cut,
});
