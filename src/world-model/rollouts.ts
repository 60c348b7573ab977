import { extent } from '../tensor.ts';
import { JepilotError, reasonOf } from '../errors.ts';
import { compose, graphsOf, type RolloutGraphs } from './compose.ts';
import { checkComposition } from './composition-check.ts';
import type { GraphRole } from './graph-checks.ts';
import type { ModelFiles } from './model-files.ts';
import type { ModelSessions } from './model-sessions.ts';
import { decodeGraph, refusal, type ExportedGraph } from './onnx-inline.ts';
import { OnnxSession, type Engine, type ProviderName } from './onnx-session.ts';
import { imaginedBy, partNames, type Parts, type Rollout } from './rollout.ts';
import { steppingRollout } from './stepping.ts';

/** Whether rollouts run as one graph, and if not, why. */
export type Composition = { readonly composed: true } | { readonly composed: false; readonly reason: string };

/** The rollouts of one model by horizon and parts, made at first use and kept. Owns the composed graphs. */
export class Rollouts implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #files: ModelFiles;
  readonly #sessions: ModelSessions;
  readonly #graphs: RolloutGraphs;
  readonly #made = new Map<string, Promise<Rollout>>();
  readonly #owned: OnnxSession[] = [];
  #refusal: string | null;

  constructor(engine: Engine, files: ModelFiles, sessions: ModelSessions, graphs: RolloutGraphs) {
    this.#engine = engine;
    this.#files = files;
    this.#sessions = sessions;
    this.#graphs = graphs;
    this.#refusal = refusal(graphsOf(this.#graphs));
  }

  get composition(): Composition {
    return this.#refusal === null ? { composed: true } : { composed: false, reason: this.#refusal };
  }

  get provider(): ProviderName {
    return this.#engine.provider;
  }

  /** The rollout of `horizon` steps that gives `parts`. A composed graph that isn't faithful is `bad-model`. */
  async get(horizon: number, parts: Parts): Promise<Rollout> {
    if (partNames(parts).length === 0) return nothing;
    const key = [horizon, ...partNames(parts)].join(' ');
    const known = this.#made.get(key);
    if (known) return known;
    const made = this.#make(horizon, parts);
    this.#made.set(key, made);
    made.catch(() => this.#made.delete(key));
    return made;
  }

  async #make(horizon: number, parts: Parts): Promise<Rollout> {
    const { manifest } = this.#files;
    const stepping = steppingRollout(this.#sessions, manifest, parts);
    const session = await this.#compose(horizon, parts);
    if (!session) return stepping;
    const composed = composedRollout(session, parts);
    await checkComposition(composed, stepping, manifest, horizon, parts, this.#engine.provider);
    return composed;
  }

  /** The composed graph, loaded; null where it can't be had, and then `composition` says why. */
  async #compose(horizon: number, parts: Parts): Promise<OnnxSession | null> {
    if (this.#refusal !== null) return null;
    const { folder, manifest } = this.#files;
    const label = `${folder} (${horizon} steps in one graph)`;
    try {
      const session = await OnnxSession.open(
        this.#engine,
        compose(this.#graphs, manifest, horizon, parts),
        label,
      );
      this.#owned.push(session);
      return session;
    } catch (error) {
      this.#refusal = reasonOf(error);
      return null;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#made.values());
    await Promise.allSettled(this.#owned.map((session) => session[Symbol.asyncDispose]()));
  }
}

/** What an objective that looks at actions only needs to know of the future. */
const nothing: Rollout = () => Promise.resolve(imaginedBy(() => null));

const composedRollout =
  (session: OnnxSession, parts: Parts): Rollout =>
  async ({ latents, goals, jobOf, actions }) => {
    const result = await session.run({
      latent: latents,
      goal: goals,
      job: { shape: [jobOf.length], data: jobOf },
      actions,
    });
    const imagined = imaginedBy((name) => result[name]);
    for (const name of partNames(parts)) {
      if (imagined[name]?.shape[0] === extent(actions, 0)) continue;
      throw new JepilotError(
        'bad-model',
        `${session.label}: '${name}' is missing or has another number of rows`,
      );
    }
    return imagined;
  };

/** The graphs that a rollout is made of, decoded. A file that is cut short or no graph is `bad-model`. */
export function decodeRollout({ folder, manifest, graphs }: ModelFiles): RolloutGraphs {
  const graph = (role: GraphRole): ExportedGraph | null => {
    const bytes = graphs[role];
    return bytes && decodeGraph(`${folder}/${manifest.graphs[role]?.file ?? role}`, bytes);
  };
  return {
    step: graph('step')!,
    metric: graph('metric'),
    metricGoal: graph('metricGoal'),
    ensemble: graph('ensemble'),
  };
}
