import { JepilotError } from '../errors.ts';
import { extent, slice, type Tensor } from '../tensor.ts';
import type { ModelManifest } from '../world-model/manifest.ts';
import type { Plan } from './plan.ts';
import type { PlanningSpec } from './planner.ts';
import type { PlanRequest } from './policy.ts';
import type { PlanningSettings } from './settings.ts';

/** What a search needs to know; how many iterations, and when, each request says. */
export type SearchSettings = Pick<
  PlanningSettings,
  'horizon' | 'samples' | 'elites' | 'objective' | 'priorProposals' | 'shrink' | 'agreement'
>;

/** The search problem of one request; refuses committed rows that leave less than one model step to choose. */
export function planningSpec(
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
    horizon: settings.horizon,
    samples: settings.samples,
    elites: settings.elites,
    actionRepeat: action.repeat,
    actionDim: action.dim,
    minimum: action.minimum,
    maximum: action.maximum,
    iterations: request.budget.iterations,
    ...(settings.shrink !== undefined && { shrink: settings.shrink }),
    committed,
  };
}

/** What was decided anew of rows [R, a] that begin at control step `step`: what follows the committed ones. */
export function behind(committed: Tensor, rows: Tensor, step: number): Pick<Plan, 'actions' | 'startStep'> {
  const decided = extent(committed, 0);
  return { actions: slice(rows, decided, extent(rows, 0)), startStep: step + decided };
}
