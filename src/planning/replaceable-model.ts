import { JepilotError, reasonOf } from '../errors.ts';
import type { WorldModel } from '../world-model/world-model.ts';
import type { EngineConfig } from './engine-protocol.ts';

/** Loads a model; `exclude` names the execution providers that have failed. */
export type LoadModel = (config: EngineConfig, exclude: readonly string[]) => Promise<WorldModel>;

/** The engine's model, loaded again on the next execution provider when one dies in mid-plan. */
export class ReplaceableModel implements AsyncDisposable {
  readonly #load: LoadModel;
  #config: EngineConfig | null = null;
  #model: WorldModel | null = null;
  readonly #failed: string[] = [];

  constructor(load: LoadModel) {
    this.#load = load;
  }

  async load(config: EngineConfig): Promise<WorldModel> {
    if (this.#model) throw new JepilotError('bad-state', 'the planning engine has loaded its model already');
    this.#model = await this.#load(config, []);
    this.#config = config;
    return this.#model;
  }

  /** The model, or `bad-state` before there is one. */
  get current(): WorldModel {
    if (this.#model) return this.#model;
    throw new JepilotError('bad-state', 'the planning engine has no model yet: call load first');
  }

  /**
   * After an error: one of the execution provider means that it is gone, so the model is loaded on the best of the others.
   * Returns what to tell the robot that waited, whose next plan is made there; it holds meanwhile.
   */
  async recover(error: unknown): Promise<unknown> {
    const [config, model] = [this.#config, this.#model];
    if (!config || !model || !(error instanceof JepilotError) || error.code !== 'provider') return error;
    const { used } = model.provider;
    // The others of a batch fail with the same provider, after it has been replaced.
    if (used === 'cpu' || !error.message.includes(`'${used}'`)) return error;
    this.#failed.push(used);
    try {
      this.#model = await this.#load({ ...config, provider: 'auto' }, this.#failed);
    } catch (cause) {
      const message = `${error.message}; and there is no other: ${reasonOf(cause)}`;
      return new JepilotError('provider', message, { cause });
    }
    await Promise.allSettled([model[Symbol.asyncDispose]()]);
    const message = `${error.message}; the next plan runs on '${this.#model.provider.used}'`;
    return new JepilotError('provider', message, { cause: error });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const model = this.#model;
    this.#model = null;
    await model?.[Symbol.asyncDispose]();
  }
}
