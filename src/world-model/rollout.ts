import type { ObjectiveSpec } from '../planning/objective.ts';
import type { Tensor } from '../tensor.ts';

/** Candidates of several jobs, to be imagined in one run. J jobs, N candidates in all, H steps, T context. */
export interface RolloutInput {
  /** Where each job starts: its latest latents, one model step apart, newest last, [J, T, D]. */
  readonly latents: Tensor;
  /** Raw model actions executed between them, [J, T-1, A]. */
  readonly executed: Tensor;
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
  /** The ensemble's disagreement about each step, [N, H]. */
  readonly disagreement: boolean;
  /** The imagined latents, [N, H, D]. */
  readonly latents: boolean;
}

const names = ['metric', 'latentDistance', 'disagreement', 'latents'] as const;

/** What was imagined: the parts asked for, null for the others. */
export type Imagined = { readonly [P in keyof Parts]: Tensor | null };

/** Imagines what actions lead to. */
export type Rollout = (input: RolloutInput) => Promise<Imagined>;

const partsBy = (has: (name: keyof Parts) => boolean): Parts => ({
  metric: has('metric'),
  latentDistance: has('latentDistance'),
  disagreement: has('disagreement'),
  latents: has('latents'),
});

/** What `give` has for each part, null where it has none. */
export const imaginedBy = (give: (name: keyof Parts) => Tensor | null | undefined): Imagined => ({
  metric: give('metric') ?? null,
  latentDistance: give('latentDistance') ?? null,
  disagreement: give('disagreement') ?? null,
  latents: give('latents') ?? null,
});

/** The parts that `objective` is computed from. */
export function partsOf(objective: ObjectiveSpec): Parts {
  if (objective.kind === 'weighted') return unionOf(objective.terms.map(([, term]) => partsOf(term)));
  const part = objective.kind === 'latent' ? 'latentDistance' : objective.kind;
  return partsBy((name) => name === part);
}

/** Every part that one of `all` has. */
export const unionOf = (all: readonly Parts[]): Parts => partsBy((name) => all.some((parts) => parts[name]));

/** The names of the parts asked for, in a fixed order. */
export const partNames = (parts: Parts): readonly (keyof Parts)[] => names.filter((name) => parts[name]);
