import { JepilotError } from '../errors.ts';
import type { ModelManifest } from './manifest.ts';

/** What each optional graph is, and what to do without it. */
const parts = {
  prior: { what: 'an action prior', instead: 'search without it' },
  ensemble: { what: 'an ensemble of predictors', instead: 'leave disagreement out of the objective' },
  gradient: { what: 'a gradient graph', instead: 'take a sampling planner such as icem' },
} as const;

/** The graphs that a model may do without. */
export type OptionalPart = keyof typeof parts;

/** Throws `bad-model`, naming `who` needs it and the remedy, unless the model has this part. */
export function requirePart(manifest: ModelManifest, part: OptionalPart, who: string): void {
  if (manifest.graphs[part]) return;
  const { what, instead } = parts[part];
  throw new JepilotError(
    'bad-model',
    `${who} needs ${what}; model '${manifest.name}' has none: export it with 'graphs.${part}', or ${instead}`,
  );
}
