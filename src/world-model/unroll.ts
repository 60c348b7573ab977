import type { ModelManifest } from './manifest.ts';
import { contextOf } from './manifest.ts';
import { constantTensor, type GraphBuilder, type Value } from './onnx-graph.ts';
import type { ExportedGraph, Inliner } from './onnx-inline.ts';

/** The graphs that a rollout is made of. */
export interface RolloutGraphs {
  readonly step: ExportedGraph;
  /** Both or neither: the predictor taken apart by position. */
  readonly action: ExportedGraph | null;
  readonly window: ExportedGraph | null;
  readonly metric: ExportedGraph | null;
  /** ψ of a directed embedding or a product; φ embeds the goal too where this is null. */
  readonly metricGoal: ExportedGraph | null;
  readonly ensemble: ExportedGraph | null;
}

/** What the pieces of a composition share. */
export interface Composition {
  readonly g: GraphBuilder;
  readonly inliner: Inliner;
  readonly graphs: RolloutGraphs;
  readonly manifest: ModelManifest;
  readonly horizon: number;
  /** Which job a candidate belongs to, int32 [N]. */
  readonly job: Value;
}

/** A latent and the action that follows it, as a predictor sees them: of jobs [J, …] while `shared`, else of candidates [N, …]. */
interface Token {
  readonly shared: boolean;
  readonly latent: Value;
  readonly action: Value;
}

/** Where a rollout starts: T latents [J, D], oldest first, and the T-1 normalised actions [J, A] between them. */
export interface Start {
  readonly latents: readonly Value[];
  readonly executed: readonly Value[];
}

/** Element `at` of an axis, which goes away. */
export const pick = (g: GraphBuilder, value: Value, at: number, axis = 1): Value =>
  g.op('Gather', [value, g.initializer(constantTensor('int32', [], Int32Array.of(at)))], { axis });

/** The imagined latents [N, H, D] from `start` through normalised `actions` [N, H, A]. */
export function unroll(composition: Composition, start: Start, actions: Value): Value {
  const { g, graphs, manifest, horizon, job } = composition;
  const tokens: Token[] = start.executed.map((action, i) => ({
    shared: true,
    latent: start.latents[i]!,
    action,
  }));
  let latent = g.op('Gather', [start.latents.at(-1)!, job]);
  const axis = g.integers(1);
  const predict =
    graphs.window && graphs.action
      ? inPositions(composition, graphs.window, graphs.action)
      : atOnce(composition);
  const steps = Array.from({ length: horizon }, (_, t) => {
    tokens.push({ shared: false, latent, action: pick(g, actions, t) });
    latent = predict(tokens.slice(-contextOf(manifest)));
    return g.op('Unsqueeze', [latent, axis]);
  });
  return g.op('Concat', steps, { axis: 1 });
}

type Predict = (window: readonly Token[]) => Value;

/** The step graph on whole windows: [N, D] and [N, A], or stacked [N, T, …] for a predictor with a context. */
function atOnce({ g, inliner, graphs, manifest, job }: Composition): Predict {
  const own = ({ shared }: Token, value: Value): Value => (shared ? g.op('Gather', [value, job]) : value);
  const stack = (values: readonly Value[]): Value => {
    const axis = g.integers(1);
    return g.op(
      'Concat',
      values.map((value) => g.op('Unsqueeze', [value, axis])),
      { axis: 1 },
    );
  };
  return (window) => {
    const latents = window.map((token) => own(token, token.latent));
    const actions = window.map((token) => own(token, token.action));
    return contextOf(manifest) === 1
      ? inliner.apply(graphs.step, { latent: latents[0]!, action: actions[0]! })
      : inliner.apply(graphs.step, { latent: stack(latents), action: stack(actions) });
  };
}

const outputsOf = ({ model }: ExportedGraph): string[] => model.graph?.output.map(({ name }) => name) ?? [];

/**
 * The predictor position by position. What an action means is computed once, though several windows hold it; what a
 * position passes on to later ones is computed once a job while it depends on no candidate; of the last position nothing
 * but the prediction is computed, and of the others nothing but what is passed on.
 */
function inPositions(
  { g, inliner, job }: Composition,
  window: ExportedGraph,
  action: ExportedGraph,
): Predict {
  const codes = new Map<Value, Readonly<Record<string, Value>>>();
  const names = outputsOf(action);
  const codeOf = (token: Token): Readonly<Record<string, Value>> => {
    const known = codes.get(token.action);
    if (known) return known;
    const values = inliner.applyFor(action, { action: token.action }, names);
    const made = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
    codes.set(token.action, made);
    return made;
  };
  return (tokens) => {
    const passed: { readonly shared: boolean; readonly values: Readonly<Record<string, Value>> }[] = [];
    for (const [position, token] of tokens.entries()) {
      const inputs: Record<string, Value> = { [`latent.${position}`]: token.latent };
      for (const [name, value] of Object.entries(codeOf(token))) inputs[`code.${position}.${name}`] = value;
      passed.forEach(({ shared, values }, q) => {
        for (const [name, value] of Object.entries(values))
          inputs[`past.${q}.${name}`] = shared && !token.shared ? g.op('Gather', [value, job]) : value;
      });
      const last = position === tokens.length - 1;
      if (last) return inliner.applyFor(window, inputs, [`next.${position}`])[0]!;
      const prefix = `present.${position}.`;
      const outputs = outputsOf(window).filter((name) => name.startsWith(prefix));
      const values = inliner.applyFor(window, inputs, outputs);
      passed.push({
        shared: token.shared,
        values: Object.fromEntries(outputs.map((name, i) => [name.slice(prefix.length), values[i]!])),
      });
    }
    throw new Error('a window has at least one position');
  };
}
