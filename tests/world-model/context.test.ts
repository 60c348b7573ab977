import { describe, expect, it } from 'vitest';
import { rngOf } from '#src/rng.js';
import { sizeOf, tensor, type Tensor } from '#src/tensor.js';
import { loadWorldModel } from '#src/world-model/onnx-world-model.js';
import type { Job } from '#src/world-model/world-model.js';
import { times } from '../fakes/matrix.ts';
import { writeTinyModel } from '../fakes/tiny-model.ts';
import { actionGraph, contextStepGraph, windowGraph } from '../fakes/tiny-window.ts';
import { drift, push, tiny, tinyAction } from '../fakes/tiny-world.ts';

const cpu = { provider: 'cpu', threads: 1 } as const;
const WIDTH = tinyAction.dim * tinyAction.repeat;

function normal(label: string, shape: readonly number[]): Tensor {
  const rng = rngOf(label);
  return tensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.normal()),
  );
}

const jobOf = (label: string, context: number): Job => ({
  context: {
    latents: normal(`${label} past`, [context, tiny.latentDim]),
    actions: normal(`${label} done`, [context - 1, WIDTH]),
  },
  goal: normal(`${label} goal`, [tiny.latentDim]),
  actions: normal(`${label} plans`, [5, 4, WIDTH]),
  objective: { kind: 'latent', over: 'sum' },
  want: 'latents',
});

/** What the predictor makes of a job's first plan, in double precision. */
function imagined({ context, actions }: Job): number[] {
  const rows = (t: Tensor, count: number, width: number): number[][] =>
    Array.from({ length: count }, (_, i) => [...t.data.subarray(i * width, (i + 1) * width)]);
  const latents = rows(context.latents, context.latents.shape[0]!, tiny.latentDim);
  const raw = [...rows(context.actions, latents.length - 1, WIDTH), ...rows(actions, 4, WIDTH)];
  const done = raw.map((row) => row.map((x, i) => (x - tinyAction.mean[i % 2]!) / tinyAction.std[i % 2]!));
  const first = latents.length;
  for (let t = 0; t < 4; t++) {
    const from = Math.max(0, latents.length - 3);
    const window = latents.slice(from).map((z, p) => {
      const pushed = times(done[from + p]!, push);
      return times(z, drift).map((x, i) => (p + 1) * (x + pushed[i]!));
    });
    latents.push(window[0]!.map((_, i) => window.reduce((sum, row) => sum + row[i]!, 0) / window.length));
  }
  return latents.slice(first).flat();
}

const graphs = { 'step.onnx': contextStepGraph(drift, push) };
const parts = { ...graphs, 'action.onnx': actionGraph(push), 'window.onnx': windowGraph(drift) };
const manifest = { predictor: { context: 3 } };

describe('a predictor with a context', () => {
  it.each([
    ['as one step', graphs],
    ['position by position', parts],
  ])('imagines over a window that fills and slides (%s)', async (_, replace) => {
    await using written = await writeTinyModel({ metric: null, replace, manifest });
    await using model = await loadWorldModel(written.folder, cpu);
    expect(model.composition).toEqual({ composed: true });
    for (const context of [1, 2, 3]) {
      const jobs = [jobOf(`a${context}`, context), jobOf(`b${context}`, context)];
      const evaluations = await model.evaluate(jobs);
      evaluations.forEach(({ latents }, j) => {
        const got = [...latents!.data.subarray(0, 4 * tiny.latentDim)];
        imagined(jobs[j]!).forEach((x, i) => expect(got[i]).toBeCloseTo(x, 3));
      });
    }
  });

  it('refuses a window that is not the step taken apart', async () => {
    const replace = { ...parts, 'window.onnx': windowGraph(drift, [1, 2, 2]) };
    await using written = await writeTinyModel({ metric: null, replace, manifest });
    await expect(loadWorldModel(written.folder, cpu)).rejects.toThrow(
      /in one graph is not that of single steps/,
    );
  });

  it('refuses a context that is too long, and jobs whose contexts differ', async () => {
    await using written = await writeTinyModel({ metric: null, replace: parts, manifest });
    await using model = await loadWorldModel(written.folder, cpu);
    await expect(model.evaluate([jobOf('long', 4)])).rejects.toThrow(
      /a context of 4 latents; .* needs 1 to 3/,
    );
    await expect(model.evaluate([jobOf('a', 2), jobOf('b', 3)])).rejects.toThrow(/the same in all jobs/);
  });

  it('needs both halves of a predictor that is taken apart', async () => {
    const replace = { ...graphs, 'window.onnx': windowGraph(drift) };
    await using written = await writeTinyModel({ metric: null, replace, manifest });
    await expect(loadWorldModel(written.folder, cpu)).rejects.toThrow(/come together or not at all/);
  });
});
