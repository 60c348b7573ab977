import type { ObjectiveSpec } from '../planning/objective.ts';
import type { Tensor } from '../tensor.ts';

/** Candidates of several jobs, to be imagined in one run. J jobs, N candidates in all, H steps. */
export interface RolloutInput {
  /** Where each job starts, [J, D]. */
  readonly latents: Tensor;
  /** Where each job wants to be, [J, D]. */
  readonly goals: Tensor;
  /** Which job a candidate belongs to, [N]. */
  readonly jobOf: Int32Array;
  /** Raw model actions [N, H, A]. */
  readonly actions: Tensor;
}

/** The results that a rollout can give; what isn't asked for isn't computed. */
export interface Parts {
  /** Time to go after each step, [N, H]. */
  readonly metric: boolean;
  /** Mean squared distance to the goal's latent after each step, [N, H]. */
  readonly latentDistance: boolean;
  /** The imagined latents, [N, H, D]. */
  readonly latents: boolean;
}

/** What was imagined: the parts asked for, null for the others. */
export type Imagined = { readonly [P in keyof Parts]: Tensor | null };

/** Imagines what actions lead to. */
export type Rollout = (input: RolloutInput) => Promise<Imagined>;

/** The parts that `objective` is computed from. */
export function partsOf(objective: ObjectiveSpec): Parts {
  if (objective.kind !== 'weighted') {
    return {
      metric: objective.kind === 'metric',
      latentDistance: objective.kind === 'latent',
      latents: false,
    };
  }
  return unionOf(objective.terms.map(([, term]) => partsOf(term)));
}

/** Every part that one of `all` has. */
export const unionOf = (all: readonly Parts[]): Parts => ({
  metric: all.some((parts) => parts.metric),
  latentDistance: all.some((parts) => parts.latentDistance),
  latents: all.some((parts) => parts.latents),
});

/** The names of the parts asked for, in a fixed order. */
export const partNames = (parts: Parts): readonly (keyof Parts)[] =>
  (['metric', 'latentDistance', 'latents'] as const).filter((name) => parts[name]);
