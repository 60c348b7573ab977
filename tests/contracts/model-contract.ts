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
