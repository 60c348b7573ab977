import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadWorldModel, type OnnxWorldModel } from '#src/world-model/onnx-world-model.js';
import { randomTensor } from '../fakes/jobs.ts';
import { writeTinyModel, type TinyModel } from '../fakes/tiny-model.ts';
import { noise } from '../fakes/tiny-world.ts';

let written: TinyModel;
let model: OnnxWorldModel;
beforeAll(async () => {
  written = await writeTinyModel({ metric: 'directed' });
  model = await loadWorldModel(written.folder, { provider: 'cpu', threads: 1 });
});
afterAll(async () => {
  await model[Symbol.asyncDispose]();
  await written[Symbol.asyncDispose]();
});

describe('encode', () => {
  it('gives a latent a window, in order', async () => {
    const windows = [0, 1, 2].map((b) => [noise(10 * b), noise(10 * b + 1)]);
    const latents = await model.encode(windows);
    expect(latents.shape).toEqual([3, 4]);
    const expected = windows.flatMap((window) => written.world.encode(window));
    expected.forEach((x, i) => expect(latents.data[i]).toBeCloseTo(x, 5));
  });

  it('starts a short window with its first observation repeated', async () => {
    const short = await model.encode([[noise(5)]]);
    expect(short).toEqual(await model.encode([[noise(5), noise(5)]]));
  });

  it('encodes nothing to nothing', async () => {
    expect((await model.encode([])).shape).toEqual([0, 4]);
  });

  it('refuses what the model was not trained on, naming expected and got', async () => {
    const refused = (window: ReturnType<typeof noise>[]) => expect(model.encode([window])).rejects;
    await refused([noise(1, 16)]).toThrow(
      "camera 'top' gives 16x16 pictures of 768 bytes; model 'tiny' needs 8x8",
    );
    const { top } = noise(1).images;
    await refused([{ ...noise(1), images: { side: top! } }]).toThrow("needs camera 'top'; got cameras: side");
    await refused([]).toThrow('window 0 has 0 observations; model');
    await refused([noise(1), noise(2), noise(3)]).toThrow('needs 1 to 2');
  });
});

describe('predict and timeToGo', () => {
  it('go one step of the world, from raw actions', async () => {
    const [latents, actions] = [randomTensor('z', [5, 4]), randomTensor('a', [5, 6])];
    const next = await model.predict(latents, actions);
    const { mean, std } = written.manifest.action;
    const normalised = [...actions.data.slice(6, 12)].map((x, i) => (x - mean[i % 2]!) / std[i % 2]!);
    const expected = written.world.step([...latents.data.slice(4, 8)], normalised);
    expected.forEach((x, i) => expect(next.data[4 + i]).toBeCloseTo(x, 5));
  });

  it('measure each latent against its own goal, and there is not back', async () => {
    const [a, b] = [randomTensor('a', [3, 4]), randomTensor('b', [3, 4])];
    const there = (await model.timeToGo(a, b))!;
    const row = (i: number, t = a): number[] => [...t.data.slice(4 * i, 4 * i + 4)];
    there.forEach((d, i) => expect(d).toBeCloseTo(written.world.distance(row(i), row(i, b))!, 4));
    expect(await model.timeToGo(b, a)).not.toEqual(there);
  });

  it('refuse rows of another width', async () => {
    await expect(model.predict(randomTensor('z', [5, 3]), randomTensor('a', [5, 6]))).rejects.toThrow(
      'latents expected [B, 4], got [5, 3]',
    );
    await expect(model.timeToGo(randomTensor('z', [5, 4]), randomTensor('g', [4, 4]))).rejects.toThrow(
      'goals expected [5, 4], got [4, 4]',
    );
  });
});
