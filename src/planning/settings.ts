import { z } from 'zod';
import { JepilotError } from '../errors.ts';
import type { ModelManifest } from '../world-model/manifest.ts';
import { ObjectiveSpec } from './objective.ts';

const count = z.int().positive();

/** How to plan: the search, the objective, and how often. */
export const PlanningSettings = z.strictObject({
  /** A planner by name, or the path of a module. */
  planner: z.string().min(1),
  /** Model steps imagined. */
  horizon: count,
  samples: count,
  elites: count,
  iterations: count,
  /** Control steps between plans. */
  replanInterval: count,
  objective: ObjectiveSpec,
  /** Candidates of the first population that the model's action prior proposes; none where it is left out. */
  priorProposals: z.int().nonnegative().optional(),
  /** Each population's share of the one before it, down to twice the elites; the planner's own where it is left out. */
  shrink: z.number().positive().max(1).optional(),
  /** Spread of the elites, in half ranges of the action, at which a search ends early; never where it is left out. */
  agreement: z.number().positive().optional(),
});
export type PlanningSettings = z.infer<typeof PlanningSettings>;

/** What a user changes of the model's own settings. */
export const PlanningOverrides = PlanningSettings.partial();
export type PlanningOverrides = z.infer<typeof PlanningOverrides>;

function refuse(name: string, value: unknown, limit: string): never {
  throw new JepilotError('out-of-range', `planning setting '${name}' is ${String(value)}; ${limit}`);
}

/** The first problem of a parse, as one line that names the setting and what it got. */
function parse(overrides: unknown): PlanningOverrides {
  const parsed = PlanningOverrides.safeParse(overrides);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const name = issue.path.join('.');
  const value: unknown = issue.path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown>)[key],
    overrides,
  );
  if (issue.code === 'too_small' || issue.code === 'too_big') refuse(name, value, describe(issue));
  const place = name ? `planning setting '${name}' is ${JSON.stringify(value)}` : 'planning settings';
  throw new JepilotError('invalid-value', `${place}: ${issue.message}`, { cause: parsed.error });
}

const describe = (issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string =>
  issue.code === 'too_small'
    ? `it must be at least ${Number(issue.minimum) + (issue.inclusive ? 0 : 1)}`
    : `it may be at most ${issue.maximum}`;

/** The model's planning settings with `overrides` on top, checked against each other. */
export function planningSettings(manifest: ModelManifest, overrides: unknown = {}): PlanningSettings {
  const given = Object.entries(parse(overrides)).filter(([, value]) => value !== undefined);
  const settings: PlanningSettings = { ...manifest.planning, ...Object.fromEntries(given) };
  const { elites, samples, replanInterval, horizon } = settings;
  if (elites > samples) refuse('elites', elites, `with ${samples} samples it may be at most ${samples}`);
  const rows = horizon * manifest.action.repeat;
  if (replanInterval > rows) {
    refuse(
      'replanInterval',
      replanInterval,
      `a horizon of ${horizon} model steps lasts ${rows} control steps`,
    );
  }
  return settings;
}
