import { reasonOf } from '../errors.ts';
import type { Extent } from './batch.ts';
import { compose, graphsOf } from './compose.ts';
import { composedRollout } from './composed-rollout.ts';
import { checkComposition } from './composition-check.ts';
import type { ModelFiles } from './model-files.ts';
import type { ModelSessions } from './model-sessions.ts';
import { refusal } from './onnx-inline.ts';
import { OnnxSession, type Engine, type ProviderName } from './onnx-session.ts';
import { reducedOf, type PrecisionPreference, type PrecisionReport } from './precision.ts';
import { probeInput } from './precision-probe.ts';
import type { Seconds } from './provider-rate.ts';
import { reduceRollout, refused, type OwnedRollout } from './reduced-rollout.ts';
import { imaginedBy, partNames, type Parts, type Rollout } from './rollout.ts';
import { steppingRollout } from './stepping.ts';
import type { RolloutGraphs } from './unroll.ts';

/** Whether rollouts run as one graph, and if not, why. */
export type Composition = { readonly composed: true } | { readonly composed: false; readonly reason: string };

/** A rollout that is ready: where `run` is in reduced precision, `exact` is the same in float32. */
export interface ReadyRollout {
  readonly run: Rollout;
  readonly exact: Rollout | null;
}

/** What rollouts are made from. */
export interface RolloutSource {
  readonly engine: Engine;
  readonly files: ModelFiles;
  readonly sessions: ModelSessions;
  readonly graphs: RolloutGraphs;
  readonly precision: PrecisionPreference;
  readonly seconds: Seconds;
}

/** The rollouts of one model by horizon, context and parts, made at first use and kept. Owns the composed graphs. */
export class Rollouts implements AsyncDisposable {
  readonly #source: RolloutSource;
  readonly #made = new Map<string, Promise<ReadyRollout>>();
  readonly #owned = new Set<OwnedRollout>();
  #refusal: string | null;
  #precision: PrecisionReport = { used: 'fp32', check: null, rejected: [] };

  constructor(source: RolloutSource) {
    this.#source = source;
    this.#refusal = refusal(graphsOf(source.graphs));
  }

  get composition(): Composition {
    return this.#refusal === null ? { composed: true } : { composed: false, reason: this.#refusal };
  }

  get provider(): ProviderName {
    return this.#source.engine.provider;
  }

  /** Of the rollout that was made last. */
  get precision(): PrecisionReport {
    return this.#precision;
  }

  /** The rollout that gives `parts`. A composed graph that isn't faithful is `bad-model`. */
  async get(extent: Extent, parts: Parts): Promise<ReadyRollout> {
    if (partNames(parts).length === 0) return nothing;
    const key = [extent.horizon, extent.context, ...partNames(parts)].join(' ');
    const known = this.#made.get(key);
    if (known) return known;
    const made = this.#make(extent, parts);
    this.#made.set(key, made);
    made.catch(() => this.#made.delete(key));
    return made;
  }

  async #make(extent: Extent, parts: Parts): Promise<ReadyRollout> {
    const { sessions, files, engine } = this.#source;
    const { manifest } = files;
    const stepping = steppingRollout(sessions, manifest, parts);
    const exact = await this.#exact(extent, parts);
    if (!exact) return this.#uncomposed(stepping);
    await checkComposition(exact.run, stepping, manifest, extent, parts, engine.provider);
    return this.#reduced(exact, extent, parts);
  }

  /** Single steps are in float32: a precision that was named can't be had with them. */
  #uncomposed(stepping: Rollout): ReadyRollout {
    const { precision, files, engine } = this.#source;
    const reason = `its rollouts run step by step (${this.#refusal})`;
    if (precision !== 'auto' && precision !== 'fp32') throw refused(files.manifest.name, precision, reason);
    const rejected = precision === 'auto' ? [{ name: reducedOf(engine.provider), reason }] : [];
    this.#precision = { used: 'fp32', check: null, rejected };
    return { run: stepping, exact: null };
  }

  /** The rollout in the precision that is asked for and holds up. */
  async #reduced(exact: OwnedRollout, extent: Extent, parts: Parts): Promise<ReadyRollout> {
    const { engine, files, graphs, precision, seconds } = this.#source;
    const { reduced, report } = await reduceRollout({
      model: files.manifest.name,
      preference: precision,
      provider: engine.provider,
      exact: exact.run,
      graphs,
      parts,
      probe: () => probeInput(files, extent),
      open: (other) => this.#open(other, extent, parts),
      seconds,
    });
    this.#precision = report;
    return reduced ? { run: reduced.run, exact: exact.run } : { run: exact.run, exact: null };
  }

  /** The composed graph, loaded; null where it can't be had, and then `composition` says why. */
  async #exact(extent: Extent, parts: Parts): Promise<OwnedRollout | null> {
    if (this.#refusal !== null) return null;
    try {
      return await this.#open(this.#source.graphs, extent, parts);
    } catch (error) {
      this.#refusal = reasonOf(error);
      return null;
    }
  }

  async #open(graphs: RolloutGraphs, extent: Extent, parts: Parts): Promise<OwnedRollout> {
    const { engine, files } = this.#source;
    const { folder, manifest } = files;
    const bytes = compose(graphs, manifest, extent, parts);
    const session = await OnnxSession.open(engine, bytes, `${folder} (${extent.horizon} steps in one graph)`);
    const owned: OwnedRollout = {
      run: composedRollout(session, manifest, parts),
      [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
    };
    this.#owned.add(owned);
    return owned;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#made.values());
    await Promise.allSettled([...this.#owned].map((rollout) => rollout[Symbol.asyncDispose]()));
  }
}

/** What an objective that looks at actions only needs to know of the future. */
const nothing: ReadyRollout = { run: () => Promise.resolve(imaginedBy(() => null)), exact: null };
