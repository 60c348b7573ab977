// One evaluation of a population by a model folder, in each precision: `node iteration.mjs FOLDER THREADS SAMPLES HORIZON`.
// Prints JSON: milliseconds of the fastest run by precision, and what float32 products reach in the same process.
import { loadWorldModel } from '../../dist/src/world-model/onnx-world-model.js';
import { contextOf } from '../../dist/src/world-model/manifest.js';
import { measureGflops } from '../../dist/src/world-model/provider-rate.js';
import { rngOf } from '../../dist/src/rng.js';
import { sizeOf, tensor } from '../../dist/src/tensor.js';

const [folder = '', ...sizes] = process.argv.slice(2);
const [threads = 1, samples = 300, horizon = 5] = sizes.map(Number);
const RUNS = 3;

const rng = rngOf('iteration');
const normal = (...shape) =>
  tensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => rng.normal()),
  );

async function fastest(precision) {
  const model = await loadWorldModel(folder, { provider: 'cpu', precision, threads });
  try {
    return await timed(model);
  } finally {
    await model[Symbol.asyncDispose]();
  }
}

/** Milliseconds of the fastest of a few evaluations from a full window. */
async function timed(model) {
  const { manifest } = model;
  const [context, width] = [contextOf(manifest), manifest.action.dim * manifest.action.repeat];
  const job = {
    context: { latents: normal(context, manifest.latentDim), actions: normal(context - 1, width) },
    goal: normal(manifest.latentDim),
    actions: normal(samples, horizon, width),
    objective: { kind: 'latent', over: 'terminal' },
  };
  await model.evaluate([job]);
  let best = Infinity;
  for (let i = 0; i < RUNS; i++) {
    const began = performance.now();
    await model.evaluate([job]);
    best = Math.min(best, performance.now() - began);
  }
  return best;
}

const result = { fp32: await fastest('fp32'), int8: await fastest('int8') };
console.log(JSON.stringify({ ...result, gemmJepilot: await measureGflops(0.2, threads) }));
