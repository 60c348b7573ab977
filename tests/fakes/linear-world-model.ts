import type { Observation } from '#src/env/observation.js';
import { JepilotError } from '#src/errors.js';
import { extent, reshape, slice, tensor, zeros, type Tensor } from '#src/tensor.js';
import type { ModelManifest } from '#src/world-model/manifest.js';
import { checkGradientOf } from '#src/world-model/cost-gradient.js';
import { checkObjective } from '#src/world-model/objective-cost.js';
import { requirePart } from '#src/world-model/optional-parts.js';
import type { ActionPrior, CostGradient, Evaluation, Job, WorldModel } from '#src/world-model/world-model.js';
import { costOf, doubtOf, gradientOf, squared, type LinearRollout } from './linear-costs.ts';

/** Where a point gets in one control step at full speed. */
export const GAIN = 0.1;

const file = (name: string) => ({ file: name, sha256: '0'.repeat(64) });

/** The manifest of a point that moves in `dim` dimensions; a model step is `repeat` raw actions. */
export const linearManifest = (dim = 2, repeat = 5, history = { frames: 1, stride: 1 }): ModelManifest => ({
  format: 'jepilot-model/1',
  name: 'linear',
  task: 'point',
  description: 'a point that goes where it is told',
  cameras: [{ name: 'top', width: 1, height: 1 }],
  history,
  action: {
    dim,
    repeat,
    mean: Array<number>(dim).fill(0),
    std: Array<number>(dim).fill(1),
    minimum: Array<number>(dim).fill(-1),
    maximum: Array<number>(dim).fill(1),
  },
  latentDim: dim,
  graphs: { encoder: file('encoder.onnx'), step: file('step.onnx') },
  metric: { kind: 'embedding', directed: false, dim },
  planning: {
    planner: 'icem',
    horizon: 4,
    samples: 64,
    iterations: 3,
    elites: 8,
    replanInterval: 5,
    objective: { kind: 'metric', over: 'sum' },
  },
  golden: file('golden.bin'),
  coverage: {},
  diagnostics: {},
  provenance: {
    revision: '',
    command: '',
    config: {},
    data: { sha256: '', episodes: 0, steps: 0, seed: 0, command: '' },
    seconds: 0,
    device: '',
    machine: '',
    date: '',
    torch: '',
  },
});

/** The same with all optional parts, its default objective and horizon those of the gradient. */
export const wholeManifest = (change: Partial<ModelManifest['planning']> = {}): ModelManifest => {
  const plain = linearManifest();
  const optional = {
    prior: file('prior.onnx'),
    ensemble: file('ensemble.onnx'),
    gradient: file('gradient.onnx'),
  };
  return { ...plain, graphs: { ...plain.graphs, ...optional }, planning: { ...plain.planning, ...change } };
};

/** A point at `state`, as the model sees it. */
export const seen = (step: number, ...state: number[]): Observation => ({
  step,
  time: step / 10,
  images: {},
  state: Float32Array.from(state),
});

/** The last row of [T, D], `count` times over. */
function repeated(latents: Tensor, count: number): Float32Array {
  const present = latents.data.slice(-extent(latents, 1));
  return Float32Array.from({ length: count * present.length }, (_, i) => present[i % present.length]!);
}

/** Rows of [R, A] by index, [count, A]. */
function pick(rows: Tensor, count: number, index: (n: number) => number): Tensor {
  const width = extent(rows, 1);
  const data = new Float32Array(count * width);
  for (let n = 0; n < count; n++) {
    data.set(rows.data.subarray(index(n) * width, (index(n) + 1) * width), n * width);
  }
  return tensor([count, width], data);
}

/**
 * A world model without weights: the latent is the place itself, z' = z + GAIN × the sum of the block's raw actions,
 * and the time to go is the distance over the top speed. Planning on it has known answers.
 */
export class LinearWorldModel implements WorldModel {
  readonly provider = { used: 'arithmetic', rejected: [] };
  readonly manifest: ModelManifest;
  /** Horizons that were prepared. */
  readonly prepared: number[] = [];
  disposed = false;

  constructor(manifest: ModelManifest = linearManifest()) {
    this.manifest = manifest;
  }

  async prepare(horizon: number): Promise<void> {
    this.prepared.push(horizon);
  }

  /** The mean place over each window. */
  async encode(windows: readonly (readonly Observation[])[]): Promise<Tensor> {
    const { latentDim, history } = this.manifest;
    const latents = zeros([windows.length, latentDim]);
    windows.forEach((window, row) => {
      if (window.length !== history.frames)
        throw new JepilotError('shape-mismatch', `window of ${window.length}`);
      for (const { state } of window) {
        for (let i = 0; i < latentDim; i++) latents.data[row * latentDim + i]! += state[i]! / window.length;
      }
    });
    return latents;
  }

  async predict(latents: Tensor, actions: Tensor): Promise<Tensor> {
    const { latentDim } = this.manifest;
    const next = latents.data.slice();
    const width = latentDim * this.manifest.action.repeat;
    actions.data.forEach((value, i) => {
      next[Math.floor(i / width) * latentDim + (i % latentDim)]! += GAIN * value;
    });
    return tensor(latents.shape, next);
  }

  async timeToGo(latents: Tensor, goals: Tensor): Promise<Float32Array> {
    return Float32Array.from({ length: extent(latents, 0) }, (_, row) =>
      this.#timeToGo(slice(latents, row, row + 1).data, slice(goals, row, row + 1).data),
    );
  }

  async evaluate(jobs: readonly Job[]): Promise<readonly Evaluation[]> {
    return Promise.all(jobs.map((job) => this.#evaluate(job)));
  }

  /** Straight to the goal, as far as a model step gets; sure of it to a tenth. */
  async prior(latents: Tensor, goals: Tensor): Promise<ActionPrior> {
    requirePart(this.manifest, 'prior', 'prior()');
    const { dim, repeat } = this.manifest.action;
    const shape = [extent(latents, 0), dim * repeat];
    const mean = Float32Array.from({ length: shape[0]! * dim * repeat }, (_, i) => {
      const at = Math.floor(i / (dim * repeat)) * dim + (i % dim);
      return Math.min(1, Math.max(-1, (goals.data[at]! - latents.data[at]!) / (GAIN * repeat)));
    });
    return { mean: tensor(shape, mean), std: tensor(shape, mean.slice().fill(0.1)) };
  }

  /** The square of the place: nobody knows what is far out. */
  async disagreement(latents: Tensor, actions: Tensor): Promise<Float32Array> {
    requirePart(this.manifest, 'ensemble', 'disagreement()');
    const after = await this.predict(latents, actions);
    return Float32Array.from({ length: extent(after, 0) }, (_, n) => doubtOf(slice(after, n, n + 1).data));
  }

  async gradient({ context, goal, actions, objective }: Job): Promise<CostGradient> {
    checkGradientOf(this.manifest, extent(actions, 1), objective, 'gradient()');
    const gradient = zeros(actions.shape);
    const costs = new Float32Array(extent(actions, 0));
    const paths = await this.#paths(context.latents, actions);
    costs.forEach((_, n) => {
      const plan = slice(actions, n, n + 1);
      const imagined = this.#imagined(
        paths.map((z) => slice(z, n, n + 1).data),
        goal,
        plan,
      );
      costs[n] = costOf(objective, imagined);
      gradient.data.set(gradientOf(objective, imagined), n * plan.data.length);
    });
    return { costs, gradient };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposed = true;
  }

  async #evaluate({ context, goal, actions, objective, want }: Job): Promise<Evaluation> {
    const [count, horizon] = [extent(actions, 0), extent(actions, 1)];
    checkObjective(objective, this.manifest);
    const paths = await this.#paths(context.latents, actions);
    const costs = new Float32Array(count);
    const timeToGo = zeros([count, horizon]);
    const latents = zeros([count, horizon, this.manifest.latentDim]);
    for (let n = 0; n < count; n++) {
      const path = paths.map((z) => slice(z, n, n + 1).data);
      path.forEach((z, t) => {
        latents.data.set(z, (n * horizon + t) * z.length);
        timeToGo.data[n * horizon + t] = this.#timeToGo(z, goal.data);
      });
      costs[n] = costOf(objective, this.#imagined(path, goal, slice(actions, n, n + 1)));
    }
    return { costs, timeToGo, latents: want === 'latents' ? latents : null };
  }

  /** The latents [N, D] after each model step. */
  async #paths(from: Tensor, actions: Tensor): Promise<Tensor[]> {
    const [count, horizon] = [extent(actions, 0), extent(actions, 1)];
    const paths: Tensor[] = [];
    let latent = tensor([count, this.manifest.latentDim], repeated(from, count));
    const blocks = reshape(actions, [count * horizon, extent(actions, 2)]);
    for (let t = 0; t < horizon; t++) {
      latent = await this.predict(
        latent,
        pick(blocks, count, (n) => n * horizon + t),
      );
      paths.push(latent);
    }
    return paths;
  }

  #imagined(path: readonly Float32Array[], goal: Tensor, plan: Tensor): LinearRollout {
    const { dim, repeat } = this.manifest.action;
    return { path, goal: goal.data, plan: plan.data, dim, repeat, gain: GAIN };
  }

  /** In model steps. */
  #timeToGo(latent: Float32Array, goal: Float32Array): number {
    return Math.sqrt(squared(latent, goal)) / (GAIN * this.manifest.action.repeat);
  }
}
