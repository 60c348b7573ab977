import { basename } from 'node:path';
import { expect } from 'vitest';
import type { Observation } from '#src/env/observation.js';
import { tensor, type Tensor } from '#src/tensor.js';
import { readEntry } from '#src/world-model/model-files.js';
import { loadWorldModel, type OnnxWorldModel } from '#src/world-model/onnx-world-model.js';
import type { Golden } from '../fakes/tiny-golden.ts';

/** Loads a model folder and requires of it what every model promises: its golden vectors, to 1e-4. */
export async function checkModel(folder: string): Promise<void> {
  await using model = await loadWorldModel(folder, { provider: 'cpu', threads: 1 });
  const golden = JSON.parse(
    new TextDecoder().decode(await readEntry(folder, model.manifest.golden)),
  ) as Golden;
  expect(golden.format, basename(folder)).toBe('jepilot-golden/1');
  const windows = windowsOf(golden, model.manifest.cameras[0]!.name);
  expectClose('latents', await model.encode(windows), golden.latents.flat());
  expectClose('goals', await model.encode(windows.map((window) => window.slice(-1))), golden.goals.flat());
  await checkRollout(model, golden);
  await checkDistances(model, golden);
  await checkPrior(model, golden);
  await checkDisagreement(model, golden);
  await checkGradient(model, golden);
}

/** The rollouts by single steps, and all of them as the jobs of one evaluation. */
async function checkRollout(model: OnnxWorldModel, golden: Golden): Promise<void> {
  const { mean, std, dim } = model.manifest.action;
  const raw = (actions: readonly number[]): number[] =>
    actions.map((x, i) => x * std[i % dim]! + mean[i % dim]!);
  const starts = golden.latents.slice(0, golden.actions.length);
  let latents = matrix(starts);
  for (let t = 0; t < 10; t++) {
    latents = await model.predict(latents, matrix(golden.actions.map((plan) => raw(plan[t]!))));
    expectClose(`step ${t + 1}`, latents, golden.rollout.map((plan) => plan[t]!).flat());
  }
  const jobs = golden.actions.map((plan, i) => ({
    context: { latents: matrix([starts[i]!]), actions: matrix([]) },
    goal: tensor([model.manifest.latentDim], Float32Array.from(golden.goals[i]!)),
    actions: tensor([1, 10, plan[0]!.length], Float32Array.from(plan.flatMap(raw))),
    objective: { kind: 'latent', over: 'sum' } as const,
    want: 'latents' as const,
  }));
  const evaluations = await model.evaluate(jobs);
  evaluations.forEach(({ latents, costs }, i) => {
    expectClose(`rollout ${i}`, latents!, golden.rollout[i]!.flat());
    expect(Number.isFinite(costs[0])).toBe(true);
  });
}

async function checkDistances(model: OnnxWorldModel, { latents, goals, distances }: Golden): Promise<void> {
  const all = latents.flatMap((latent) => goals.map((goal) => [latent, goal] as const));
  const from = matrix(all.map(([latent]) => latent));
  const actual = await model.timeToGo(from, matrix(all.map(([, goal]) => goal)));
  expect(actual === null).toBe(distances === null);
  if (actual) expectClose('distances', tensor([actual.length], actual), distances!.flat());
}

/** A model with a prior says so in its golden vectors; in raw units both move by the data's mean and scale. */
async function checkPrior(model: OnnxWorldModel, { latents, goals, prior }: Golden): Promise<void> {
  expect(model.manifest.graphs.prior !== undefined, 'golden prior').toBe(prior !== undefined);
  if (!prior) return;
  const { mean, std, dim } = model.manifest.action;
  const actual = await model.prior(matrix(latents), matrix(goals));
  const raw = prior.mean.flat().map((x, i) => x * std[i % dim]! + mean[i % dim]!);
  expectClose('prior mean', actual.mean, raw);
  expectClose(
    'prior std',
    actual.std,
    prior.std.flat().map((x, i) => x * std[i % dim]!),
  );
  expect(actual.std.data.every((x) => x > 0)).toBe(true);
}

/** The ensemble about single steps, and, through the objective, about whole rollouts. */
async function checkDisagreement(model: OnnxWorldModel, golden: Golden): Promise<void> {
  const { latents, actions, rollout, disagreement } = golden;
  expect(model.manifest.graphs.ensemble !== undefined, 'golden disagreement').toBe(
    disagreement !== undefined,
  );
  if (!disagreement) return;
  const { mean, std, dim } = model.manifest.action;
  const raw = (block: readonly number[]): number[] => block.map((x, i) => x * std[i % dim]! + mean[i % dim]!);
  const before = actions.flatMap((plan, i) =>
    plan.map((_, t) => (t > 0 ? rollout[i]![t - 1]! : latents[i]!)),
  );
  const single = await model.disagreement(matrix(before), matrix(actions.flat().map(raw)));
  expectClose('disagreement', tensor([single.length], single), disagreement.flat());
  const jobs = actions.map((plan, i) => ({
    context: { latents: matrix([latents[i]!]), actions: matrix([]) },
    goal: tensor([model.manifest.latentDim], Float32Array.from(golden.goals[i]!)),
    actions: tensor([1, 10, plan[0]!.length], Float32Array.from(plan.flatMap(raw))),
    objective: { kind: 'disagreement' } as const,
  }));
  const costs = Float32Array.from(await model.evaluate(jobs), (evaluation) => evaluation.costs[0]!);
  const means = disagreement.map((steps) => steps.reduce((a, b) => a + b, 0) / steps.length);
  expectClose('disagreement of rollouts', tensor([4], costs), means);
}

/** In raw units; the model itself holds the graph against its rollout, at its first use. */
async function checkGradient(model: OnnxWorldModel, golden: Golden): Promise<void> {
  const { graphs, latentDim, planning, action } = model.manifest;
  const { latents, goals, actions, gradient: expected } = golden;
  expect(graphs.gradient !== undefined, 'golden gradient').toBe(expected !== undefined);
  if (!expected) return;
  const { mean, std, dim } = action;
  const plans = actions.map((plan) =>
    Array.from({ length: planning.horizon }, (_, t) => plan[t % plan.length]!).flat(),
  );
  const raw = plans.flatMap((plan) => plan.map((x, i) => x * std[i % dim]! + mean[i % dim]!));
  const job = {
    context: { latents: matrix(latents.slice(0, 1)), actions: matrix([]) },
    goal: tensor([latentDim], Float32Array.from(goals[1]!)),
    actions: tensor([plans.length, planning.horizon, dim * action.repeat], Float32Array.from(raw)),
    objective: planning.objective,
  };
  const { costs, gradient } = await model.gradient(job);
  const [evaluation] = await model.evaluate([job]);
  expectClose('gradient costs', tensor([costs.length], costs), expected.cost);
  expectClose('costs of the gradient’s plans', tensor([costs.length], evaluation!.costs), expected.cost);
  const normal = gradient.data.map((x, i) => x * std[i % dim]!);
  expectClose('gradient', tensor(gradient.shape, normal), expected.gradient.flat(2));
}

const matrix = (rows: readonly (readonly number[])[]): Tensor =>
  tensor([rows.length, rows[0]?.length ?? 0], Float32Array.from(rows.flat()));

/** The golden frames u8 [B, k, H, W, 3] as windows of observations. */
function windowsOf({ frames }: Golden, camera: string): Observation[][] {
  const [windows = 0, count = 0, height = 0, width = 0] = frames.shape;
  const pixels = Uint8Array.from(Buffer.from(frames.base64, 'base64'));
  const size = height * width * 3;
  const picture = (at: number): Observation => ({
    step: at,
    time: at,
    images: { [camera]: { width, height, data: pixels.subarray(at * size, (at + 1) * size) } },
    state: new Float32Array(0),
  });
  return Array.from({ length: windows }, (_, b) =>
    Array.from({ length: count }, (_, k) => picture(b * count + k)),
  );
}

/** Differences of at most 1e-4, relative to max(1, |expected|). */
function expectClose(what: string, actual: Tensor, expected: readonly number[]): void {
  expect(actual.data.length, what).toBe(expected.length);
  const worst = expected.reduce((most, x, i) => {
    const difference = Math.abs(actual.data[i]! - x) / Math.max(1, Math.abs(x));
    return difference <= most ? most : difference;
  }, 0);
  expect(worst, `${what}: largest difference`).toBeLessThanOrEqual(1e-4);
}
