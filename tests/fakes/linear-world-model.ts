import type { Observation } from '#src/env/observation.js';
import { JepilotError } from '#src/errors.js';
import type { ObjectiveSpec } from '#src/planning/objective.js';
import { extent, reshape, slice, tensor, zeros, type Tensor } from '#src/tensor.js';
import type { ModelManifest } from '#src/world-model/manifest.js';
import type { Evaluation, Job, WorldModel } from '#src/world-model/world-model.js';

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

/** A point at `state`, as the model sees it. */
export const seen = (step: number, ...state: number[]): Observation => ({
  step,
  time: step / 10,
  images: {},
  state: Float32Array.from(state),
});

/** Weights of the horizon's steps, rising from 0.3 to 1 and summing to one; or the last step alone. */
function weightsOf(over: 'sum' | 'terminal', horizon: number): number[] {
  const raw = Array.from({ length: horizon }, (_, t) => {
    if (over === 'terminal') return t === horizon - 1 ? 1 : 0;
    return horizon === 1 ? 1 : 0.3 + (0.7 * t) / (horizon - 1);
  });
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((weight) => weight / sum);
}

const squared = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);

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

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposed = true;
  }

  async #evaluate({ context, goal, actions, objective, want }: Job): Promise<Evaluation> {
    const [count, horizon] = [extent(actions, 0), extent(actions, 1)];
    const paths: Tensor[] = [];
    let latent = tensor([count, this.manifest.latentDim], repeated(context.latents, count));
    const blocks = reshape(actions, [count * horizon, extent(actions, 2)]);
    for (let t = 0; t < horizon; t++) {
      latent = await this.predict(
        latent,
        pick(blocks, count, (n) => n * horizon + t),
      );
      paths.push(latent);
    }
    const costs = new Float32Array(count);
    const timeToGo = zeros([count, horizon]);
    const latents = zeros([count, horizon, this.manifest.latentDim]);
    for (let n = 0; n < count; n++) {
      const path = paths.map((z) => slice(z, n, n + 1).data);
      path.forEach((z, t) => {
        latents.data.set(z, (n * horizon + t) * z.length);
        timeToGo.data[n * horizon + t] = this.#timeToGo(z, goal.data);
      });
      costs[n] = this.#cost(objective, path, goal.data, slice(actions, n, n + 1).data);
    }
    return { costs, timeToGo, latents: want === 'latents' ? latents : null };
  }

  /** In model steps. */
  #timeToGo(latent: Float32Array, goal: Float32Array): number {
    return Math.sqrt(squared(latent, goal)) / (GAIN * this.manifest.action.repeat);
  }

  #cost(
    objective: ObjectiveSpec,
    path: readonly Float32Array[],
    goal: Float32Array,
    plan: Float32Array,
  ): number {
    switch (objective.kind) {
      case 'metric':
      case 'latent': {
        const weights = weightsOf(objective.over, path.length);
        const far = (z: Float32Array) =>
          objective.kind === 'metric' ? this.#timeToGo(z, goal) : squared(z, goal) / z.length;
        return path.reduce((sum, z, t) => sum + weights[t]! * far(z), 0);
      }
      case 'actionChange': {
        const { dim } = this.manifest.action;
        return squared(plan.subarray(dim), plan.subarray(0, -dim)) / (plan.length - dim);
      }
      case 'weighted':
        return objective.terms.reduce((sum, [w, term]) => sum + w * this.#cost(term, path, goal, plan), 0);
      case 'disagreement':
        throw new JepilotError('bad-model', "model 'linear' has no ensemble to disagree");
    }
  }
}
