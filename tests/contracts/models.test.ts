import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { stepWeights } from '#src/world-model/objective-cost.js';
import { randomMatrix } from '../fakes/matrix.ts';
import { ensembleGraph, gradientGraph, priorGraph } from '../fakes/tiny-graphs.ts';
import { writeTinyModel } from '../fakes/tiny-model.ts';
import { doubt, drift, play } from '../fakes/tiny-world.ts';
import { checkModel } from './model-contract.ts';

const models = fileURLToPath(new URL('../../models/', import.meta.url));
const folders = existsSync(models)
  ? readdirSync(models, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  : [];
const shipped = folders.filter(({ name }) => existsSync(join(models, name, 'manifest.json')));

describe('models/', () => {
  it('holds whole model folders only', () => expect(shipped).toEqual(folders));

  // JEPILOT_MODEL=DIR checks a folder that is elsewhere.
  const elsewhere = process.env['JEPILOT_MODEL'];
  it.runIf(elsewhere !== undefined)('is joined by the folder named in JEPILOT_MODEL', async () => {
    await checkModel(resolve(elsewhere ?? ''));
  });

  it.each(shipped.map(({ name }) => name))('%s loads and gives its golden vectors', async (name) => {
    await checkModel(join(models, name));
  });
});

describe('the model contract itself', () => {
  it.each(['embedding', 'directed', 'product', 'pair', null] as const)(
    'holds for a tiny model, metric %s, with and without its optional parts',
    async (metric) => {
      await using plain = await writeTinyModel({ metric });
      await checkModel(plain.folder);
      await using whole = await writeTinyModel({ metric, heads: true });
      await checkModel(whole.folder);
    },
  );

  it('is broken by a prior, an ensemble or a gradient of another model', async () => {
    const other = randomMatrix('other', 4, 6);
    const wrong = async (replace: Record<string, Uint8Array>) => {
      await using written = await writeTinyModel({ metric: null, heads: true, replace });
      await checkModel(written.folder);
    };
    await expect(wrong({ 'prior.onnx': priorGraph(other, play) })).rejects.toThrow('prior mean');
    const doubts = { ...doubt, latent: randomMatrix('other', 4, 4) };
    await expect(wrong({ 'ensemble.onnx': ensembleGraph(doubts) })).rejects.toThrow('disagreement');
    const gradient = gradientGraph(drift, randomMatrix('other', 6, 4), null, [...stepWeights(5)]);
    await expect(wrong({ 'gradient.onnx': gradient })).rejects.toThrow('gradient.onnx: its cost is not that');
  });

  it('is broken by golden vectors of another model', async () => {
    await using other = await writeTinyModel({ metric: 'pair', golden: 'embedding' });
    await expect(checkModel(other.folder)).rejects.toThrow('distances');
  });
});
