import { JepilotError } from '../errors.ts';
import { rngOf, type Rng } from '../rng.ts';
import type { ActionMode, ActionSpec } from '../spec.ts';
import { extent, reshape, slice, tensor, zeros, type Tensor } from '../tensor.ts';
import type { ModelManifest } from '../world-model/manifest.ts';
import type { WorldModel } from '../world-model/world-model.ts';
import { optimize, type Evaluate, type Search } from './optimize.ts';
import type { Plan } from './plan.ts';
import type { Planner, PlannerStart, PlanningSpec } from './planner.ts';
import type { Goal, PlanRequest, Policy } from './policy.ts';
import type { PlanningSettings } from './settings.ts';
import { blank, remember, surpriseOf, type Memory } from './surprise.ts';
import { shiftRows, stillRows } from './warm-start.ts';
import { standingWindow, windowLength, windowOf } from './window.ts';

/** What a search needs to know; how many iterations, and when, each request says. */
export type SearchSettings = Pick<PlanningSettings, 'horizon' | 'samples' | 'elites' | 'objective'>;

export interface MpcConfig {
  /** Shared, not owned: disposing of the policy leaves it open. */
  readonly model: WorldModel;
  readonly planner: Planner;
  readonly settings: SearchSettings;
  /** Seconds of a monotonic clock. */
  readonly now: () => number;
  /** What an action means, for the rows that enter at the horizon's end. Default `velocity`: they are zero. */
  readonly mode?: ActionMode;
}

interface Episode {
  readonly rng: Rng;
  /** [1, D] */
  goal: Tensor;
  plans: number;
  memory: Memory;
  /** The last search: its rows [R, a] began at control step `step`. */
  last: { readonly step: number; readonly rows: Tensor; readonly state: unknown } | null;
}

const actionSpecOf = ({ action }: ModelManifest, mode: ActionMode): ActionSpec => ({
  ...action,
  names: [],
  mode,
});

/** The search problem of one request; refuses committed rows that leave less than one model step to choose. */
function planningSpec(
  { action }: ModelManifest,
  settings: SearchSettings,
  request: PlanRequest,
): PlanningSpec {
  const { committed, executed } = request;
  for (const [name, rows] of Object.entries({ committed, executed })) {
    if (rows.shape.length === 2 && extent(rows, 1) === action.dim) continue;
    throw new JepilotError(
      'shape-mismatch',
      `${name} rows are [${rows.shape.join(', ')}]; the model needs [n, ${action.dim}]`,
    );
  }
  const limit = (settings.horizon - 1) * action.repeat;
  if (extent(committed, 0) > limit) {
    throw new JepilotError(
      'out-of-range',
      `${extent(committed, 0)} control steps are committed; a horizon of ${settings.horizon} model steps of ` +
        `${action.repeat} takes at most ${limit}: lengthen the horizon or plan faster`,
    );
  }
  return {
    ...settings,
    actionRepeat: action.repeat,
    actionDim: action.dim,
    minimum: action.minimum,
    maximum: action.maximum,
    iterations: request.budget.iterations,
    committed,
  };
}

/**
 * Model-predictive control in latent space: encode, search from the present through the committed rows, answer with
 * what follows them, and start the next search from this one, shifted. Equal seeds and requests give equal plans
 * unless a budget in seconds cuts a search. One plan at a time.
 */
export function mpcPolicy({ model, planner, settings, now, mode = 'velocity' }: MpcConfig): Policy {
  const { manifest } = model;
  const { dim, repeat } = manifest.action;
  const actionSpec = actionSpecOf(manifest, mode);
  let episode: Episode | null = null;

  async function latentOf(goal: Goal): Promise<Tensor> {
    if (goal.kind === 'observation') return model.encode([standingWindow(goal.value, manifest.history)]);
    if (goal.value.data.length === manifest.latentDim) return reshape(goal.value, [1, manifest.latentDim]);
    throw new JepilotError(
      'shape-mismatch',
      `goal latent has ${goal.value.data.length} values; model '${manifest.name}' has ${manifest.latentDim}`,
    );
  }

  /** The last plan shifted, and keeping still as a proposal beside it; or keeping still alone. */
  function startOf(
    { last }: Episode,
    spec: PlanningSpec,
    step: number,
    executed: Tensor,
  ): PlannerStart<unknown> {
    const rest = stillRows(actionSpec, spec.horizon * repeat, executed);
    const elapsed = last ? step - last.step : -1;
    if (!last || elapsed < 0) return { mean: rest, elapsed: 0 };
    const mean = shiftRows(actionSpec, last.rows, elapsed);
    return { mean, proposals: tensor([1, ...rest.shape], rest.data), previous: last.state, elapsed };
  }

  const evaluator = (latents: Tensor, goal: Tensor): Evaluate => {
    const context = { latents, actions: zeros([0, repeat * dim]) };
    const flat = reshape(goal, [manifest.latentDim]);
    return async (actions) => {
      const [evaluation] = await model.evaluate([
        { context, goal: flat, actions, objective: settings.objective },
      ]);
      return evaluation!;
    };
  };

  async function plan(request: PlanRequest): Promise<Plan> {
    const began = now();
    if (!episode) throw new JepilotError('bad-state', 'plan() came before reset(): there is no goal yet');
    const current = episode;
    const id = ++current.plans;
    const spec = planningSpec(manifest, settings, request);
    const window = windowOf(request.observations, manifest.history);
    const { step } = window.at(-1)!;
    const latent = await model.encode([window]);
    const encoded = now();
    current.memory = remember(current.memory, step, latent, request.executed, repeat);
    const surprise = await surpriseOf(model, current.memory);
    const present = await model.timeToGo(latent, current.goal);
    const { iterations, seconds = Infinity } = request.budget;
    const searching = now();
    const search = await optimize(
      planner,
      spec,
      startOf(current, spec, step, request.executed),
      evaluator(latent, current.goal),
      { iterations, deadline: began + seconds, now, rng: current.rng.fork(id) },
    );
    current.last = { step, rows: search.rows, state: search.state };
    const decided = extent(request.committed, 0);
    const ended = now();
    return {
      id,
      actions: slice(search.rows, decided, extent(search.rows, 0)),
      startStep: step + decided,
      evidence: {
        ...evidenceOf(search, repeat),
        timeToGo: present && present[0]! * repeat,
        surprise,
        encodeMs: 1000 * (encoded - began),
        searchMs: 1000 * (ended - searching),
        totalMs: 1000 * (ended - began),
      },
    };
  }

  return {
    name: planner.name,
    window: windowLength(manifest.history),
    plan,
    async reset({ seed, goal }) {
      const rng = rngOf('plan', planner.name, seed);
      episode = { rng, goal: await latentOf(goal), plans: 0, memory: blank(dim), last: null };
    },
    async setGoal(goal) {
      if (!episode) throw new JepilotError('bad-state', 'setGoal() came before reset()');
      const latent = await latentOf(goal);
      // The last plan led elsewhere: it's no place to start from.
      Object.assign(episode, { goal: latent, last: null });
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
  evaluations: search.evaluations,
  iterations: search.iterations,
  cut: search.cut,
});
