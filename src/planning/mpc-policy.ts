import { JepilotError } from '../errors.ts';
import { rngOf, type Rng } from '../rng.ts';
import type { ActionMode, ActionSpec } from '../spec.ts';
import { extent, reshape, slice, tensor, zeros, type Tensor } from '../tensor.ts';
import type { WorldModel } from '../world-model/world-model.ts';
import { optimize, type Evaluate, type Search } from './optimize.ts';
import type { Plan } from './plan.ts';
import type { Planner, PlannerStart, PlanningSpec } from './planner.ts';
import type { Goal, PlanRequest, Policy } from './policy.ts';
import { rowsOf } from './population.ts';
import { planningSpec, type SearchSettings } from './search-problem.ts';
import { blank, remember, surpriseOf, type Memory } from './surprise.ts';
import { shiftRows, stillRows } from './warm-start.ts';
import { standingWindow, windowLength, windowOf } from './window.ts';

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

/**
 * Model-predictive control in latent space: encode, search from the present through the committed rows, answer with
 * what follows them, and start the next search from this one, shifted. Equal seeds and requests give equal plans
 * unless a budget in seconds cuts a search. One plan at a time.
 */
export function mpcPolicy({ model, planner, settings, now, mode = 'velocity' }: MpcConfig): Policy {
  const { manifest } = model;
  const { action, history, latentDim } = manifest;
  const actionSpec: ActionSpec = { ...action, names: [], mode };
  let episode: Episode | null = null;

  /** [1, D] */
  async function latentOf(goal: Goal): Promise<Tensor> {
    if (goal.kind === 'observation') return model.encode([standingWindow(goal.value, history)]);
    const { length } = goal.value.data;
    if (length === latentDim) return reshape(goal.value, [1, latentDim]);
    const message = `goal latent has ${length} values; model '${manifest.name}' has ${latentDim}`;
    throw new JepilotError('shape-mismatch', message);
  }

  /** Scores candidates from the present latent [1, D]. */
  function evaluator(latents: Tensor, goal: Tensor): Evaluate {
    const context = { latents, actions: zeros([0, action.repeat * action.dim]) };
    const job = { context, goal: reshape(goal, [latentDim]), objective: settings.objective };
    return async (actions) => (await model.evaluate([{ ...job, actions }]))[0]!;
  }

  async function plan(request: PlanRequest): Promise<Plan> {
    const began = now();
    if (!episode) throw new JepilotError('bad-state', 'plan() came before reset(): there is no goal yet');
    const current = episode;
    const { goal, last } = current;
    const id = ++current.plans;
    const spec = planningSpec(manifest, settings, request);
    const window = windowOf(request.observations, history);
    const { step } = window.at(-1)!;
    const latent = await model.encode([window]);
    const encoded = now();
    current.memory = remember(current.memory, step, latent, request.executed, action.repeat);
    const surprise = await surpriseOf(model, current.memory);
    const timeToGo = await model.timeToGo(latent, goal);
    const searching = now();
    const start = startOf(actionSpec, spec, last, step, request.executed);
    const { iterations, seconds = Infinity } = request.budget;
    const limits = { iterations, deadline: began + seconds, now, rng: current.rng.fork(id) };
    const search = await optimize(planner, spec, start, evaluator(latent, goal), limits);
    // A goal that was set meanwhile has made this plan useless as a start.
    if (current.goal === goal) current.last = { step, rows: search.rows, state: search.state };
    const ended = now();
    const evidence = {
      ...evidenceOf(search, action.repeat),
      timeToGo: timeToGo && timeToGo[0]! * action.repeat,
      surprise,
      encodeMs: 1000 * (encoded - began),
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
      episode = { rng, goal: await latentOf(goal), plans: 0, memory: blank(action.dim), last: null };
    },
    async setGoal(goal) {
      if (!episode) throw new JepilotError('bad-state', 'setGoal() came before reset()');
      // The last plan led elsewhere: it's no place to start from.
      Object.assign(episode, { goal: await latentOf(goal), last: null });
    },
    async [Symbol.asyncDispose]() {
      episode = null;
    },
  };
}

/** The last plan shifted, with keeping still beside it as a proposal; or keeping still alone. */
function startOf(
  actionSpec: ActionSpec,
  spec: PlanningSpec,
  last: Episode['last'],
  step: number,
  executed: Tensor,
): PlannerStart<unknown> {
  const rest = stillRows(actionSpec, rowsOf(spec), executed);
  if (!last || step < last.step) return { mean: rest, elapsed: 0 };
  const elapsed = step - last.step;
  const proposals = tensor([1, ...rest.shape], rest.data);
  return { mean: shiftRows(actionSpec, last.rows, elapsed), proposals, previous: last.state, elapsed };
}

/** What a search from control step `step` decides anew: the rows behind the committed ones. */
function behind(committed: Tensor, rows: Tensor, step: number): Pick<Plan, 'actions' | 'startStep'> {
  const decided = extent(committed, 0);
  return { actions: slice(rows, decided, extent(rows, 0)), startStep: step + decided };
}

const evidenceOf = (search: Search<unknown>, repeat: number) => ({
  costs: search.costs,
  eliteSpread: search.spread,
  imaginedTimeToGo: Array.from(search.timeToGo ?? [], (blocks) => blocks * repeat),
  evaluations: search.evaluations,
  iterations: search.iterations,
  cut: search.cut,
});
