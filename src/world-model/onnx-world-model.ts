import type { Observation } from '../env/observation.ts';
import { JepilotError } from '../errors.ts';
import type { ObjectiveSpec } from '../planning/objective.ts';
import { zeros, type Tensor } from '../tensor.ts';
import { priorOf } from './action-prior.ts';
import { checkJobs, join, split } from './batch.ts';
import { checkGradientOf, gradientOf } from './cost-gradient.ts';
import { framesOf } from './frames.ts';
import { checkGradient } from './gradient-check.ts';
import { contextOf, type ModelManifest } from './manifest.ts';
import { timeToGo } from './metric-head.ts';
import { readModel } from './model-files.ts';
import { closeSessions, openSessions, type ModelSessions } from './model-sessions.ts';
import { checkObjective } from './objective-cost.ts';
import { requirePart } from './optional-parts.ts';
import { refine } from './refine.ts';
import { openProvider, type ProviderPreference } from './provider.ts';
import { decodeRollout } from './composed-rollout.ts';
import type { PrecisionPreference } from './precision.ts';
import { stopwatch } from './provider-rate.ts';
import { partsOf, unionOf, type Parts } from './rollout.ts';
import { Rollouts, type Composition } from './rollouts.ts';
import { normalised, stepFeeds } from './stepping.ts';
import type {
  ActionPrior,
  CostGradient,
  Evaluation,
  Job,
  ProviderReport,
  WorldModel,
} from './world-model.ts';

export interface LoadOptions {
  /** Default `auto`: the fastest that is really there. */
  readonly provider?: ProviderPreference;
  /** Threads inside one operator; default all cores but one. */
  readonly threads?: number;
  /** Arithmetic of rollouts; default `fp32`, which gives the same plans on every machine of a kind. */
  readonly precision?: PrecisionPreference;
  /** Providers that `auto` must not take, for they have failed. */
  readonly exclude?: readonly string[];
}

/**
 * Loads a model folder and checks all that can be checked before the first plan: manifest, checksums, the graphs'
 * inputs and outputs, and that the rollout in one graph gives what single steps give.
 * Errors: `io` (a file is missing), `bad-model`, `provider` (an explicit preference isn't there).
 */
export async function loadWorldModel(folder: string, options: LoadOptions = {}): Promise<OnnxWorldModel> {
  const files = await readModel(folder);
  const graphs = decodeRollout(files);
  const provider = await openProvider(options.provider ?? 'auto', options.threads, options.exclude);
  const sessions = await openSessions(provider.engine, files);
  const { engine } = provider;
  const { precision = 'fp32' } = options;
  const rollouts = new Rollouts({ engine, files, sessions, graphs, precision, seconds: stopwatch });
  const model = new OnnxWorldModel(files.manifest, provider.report, sessions, rollouts);
  try {
    const { horizon, objective } = files.manifest.planning;
    await model.prepare(horizon, objective);
    return model;
  } catch (error) {
    await model[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * A world model whose graphs run in ONNX Runtime. Every method blocks the event loop while it computes.
 * Errors: `shape-mismatch` and `invalid-value` for inputs that don't fit, naming expected and got; `bad-model` for an
 * objective that needs a head which the model lacks, or a graph that breaks its promises; `bad-state` once closed.
 */
export class OnnxWorldModel implements WorldModel {
  readonly manifest: ModelManifest;
  readonly #provider: ProviderReport;
  readonly #sessions: ModelSessions;
  readonly #rollouts: Rollouts;
  #gradientChecked: Promise<void> | null = null;
  #open = true;

  /** See `loadWorldModel`. Takes over `sessions` and `rollouts`. */
  constructor(
    manifest: ModelManifest,
    provider: ProviderReport,
    sessions: ModelSessions,
    rollouts: Rollouts,
  ) {
    this.manifest = manifest;
    this.#provider = provider;
    this.#sessions = sessions;
    this.#rollouts = rollouts;
  }

  get provider(): ProviderReport {
    return { ...this.#provider, precision: this.#rollouts.precision, composition: this.composition };
  }

  /** Whether rollouts run as one graph, and if not, why. */
  get composition(): Composition {
    return this.#rollouts.composition;
  }

  async encode(windows: readonly (readonly Observation[])[]): Promise<Tensor> {
    this.#checkOpen();
    if (windows.length === 0) return zeros([0, this.manifest.latentDim]);
    const frames = framesOf(this.manifest, windows);
    return this.#sessions.encoder.runOne({ frames }, [windows.length, this.manifest.latentDim]);
  }

  async evaluate(jobs: readonly Job[]): Promise<readonly Evaluation[]> {
    this.#checkOpen();
    if (jobs.length === 0) return [];
    const extent = checkJobs(jobs, this.manifest);
    for (const { objective } of jobs) checkObjective(objective, this.manifest);
    const wanted = unionOf(jobs.map(({ objective, want }) => this.#partsOf(objective, want === 'latents')));
    const { run, exact } = await this.#rollouts.get(extent, wanted);
    const evaluations = split(jobs, await run(join(jobs)), this.manifest);
    return exact ? refine(jobs, evaluations, exact, this.manifest) : evaluations;
  }

  async timeToGo(latents: Tensor, goals: Tensor): Promise<Float32Array | null> {
    this.#checkOpen();
    const rows = checkRows(latents, 'latents', this.manifest.latentDim);
    checkRows(goals, 'goals', this.manifest.latentDim, rows);
    const jobOf = Int32Array.from({ length: rows }, (_, i) => i);
    return timeToGo(this.#sessions, this.manifest, latents, goals, jobOf);
  }

  async predict(latents: Tensor, actions: Tensor): Promise<Tensor> {
    this.#checkOpen();
    const { action, latentDim } = this.manifest;
    const rows = checkRows(latents, 'latents', latentDim);
    checkRows(actions, 'actions', action.dim * action.repeat, rows);
    const feeds = stepFeeds(this.manifest, latents, normalised(this.manifest, actions));
    return this.#sessions.step.runOne(feeds, [rows, latentDim]);
  }

  async prior(latents: Tensor, goals: Tensor): Promise<ActionPrior> {
    this.#checkOpen();
    requirePart(this.manifest, 'prior', 'prior()');
    const rows = checkRows(latents, 'latents', this.manifest.latentDim);
    checkRows(goals, 'goals', this.manifest.latentDim, rows);
    return priorOf(this.#sessions.prior!, this.manifest, latents, goals);
  }

  async disagreement(latents: Tensor, actions: Tensor): Promise<Float32Array> {
    this.#checkOpen();
    requirePart(this.manifest, 'ensemble', 'disagreement()');
    const { action, latentDim } = this.manifest;
    const rows = checkRows(latents, 'latents', latentDim);
    checkRows(actions, 'actions', action.dim * action.repeat, rows);
    const feeds = { latent: latents, action: normalised(this.manifest, actions) };
    return (await this.#sessions.ensemble!.runOne(feeds, [rows])).data;
  }

  /** The first call checks the graph against finite differences of `evaluate`. */
  async gradient(job: Job): Promise<CostGradient> {
    this.#checkOpen();
    const { horizon } = checkJobs([job], this.manifest);
    checkGradientOf(this.manifest, horizon, job.objective, 'gradient()');
    const tell = (one: Job) => gradientOf(this.#sessions.gradient!, this.manifest, one);
    this.#gradientChecked ??= checkGradient({
      label: this.#sessions.gradient!.label,
      manifest: this.manifest,
      provider: this.#rollouts.provider,
      tell,
      costs: async (one) => (await this.evaluate([one]))[0]!.costs,
    });
    await this.#gradientChecked;
    return tell(job);
  }

  /** Makes and checks the rollout of `horizon` steps for `objective`, so that the first plan doesn't wait for it. */
  async prepare(horizon: number, objective: ObjectiveSpec): Promise<void> {
    this.#checkOpen();
    checkObjective(objective, this.manifest);
    const context = contextOf(this.manifest);
    await this.#rollouts.get({ horizon, context }, this.#partsOf(objective, false));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#rollouts[Symbol.asyncDispose]();
    await closeSessions(this.#sessions);
  }

  /** Time to go comes with every evaluation where the model can tell it. */
  #partsOf(objective: ObjectiveSpec, latents: boolean): Parts {
    return { ...partsOf(objective), metric: this.manifest.metric !== null, latents };
  }

  #checkOpen(): void {
    if (!this.#open) throw new JepilotError('bad-state', `model '${this.manifest.name}' is closed`);
  }
}

/** The number of rows of `t`, which must be [rows, width]. */
function checkRows(t: Tensor, name: string, width: number, rows: number | null = null): number {
  const [n = 0, w = 0] = t.shape;
  if (t.shape.length === 2 && w === width && n === (rows ?? n)) return n;
  const expected = `[${rows ?? 'B'}, ${width}]`;
  throw new JepilotError('shape-mismatch', `${name} expected ${expected}, got [${t.shape.join(', ')}]`);
}
