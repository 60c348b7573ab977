import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { writeTinyModel } from '../fakes/tiny-model.ts';
import { checkModel } from './model-contract.ts';

const models = fileURLToPath(new URL('../../models/', import.meta.url));
const folders = existsSync(models)
  ? readdirSync(models, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  : [];
const shipped = folders.filter(({ name }) => existsSync(join(models, name, 'manifest.json')));

describe('models/', () => {
  it('holds whole model folders only', () => expect(shipped).toEqual(folders));

  it.each(shipped.map(({ name }) => name))('%s loads and gives its golden vectors', async (name) => {
    await checkModel(join(models, name));
  });
});

describe('the model contract itself', () => {
  it.each(['embedding', 'directed', 'pair', null] as const)(
    'holds for a tiny model, metric %s',
    async (metric) => {
      await using tiny = await writeTinyModel({ metric });
      await checkModel(tiny.folder);
    },
  );

  it('is broken by golden vectors of another model', async () => {
    await using other = await writeTinyModel({ metric: 'pair', golden: 'embedding' });
    await expect(checkModel(other.folder)).rejects.toThrow('distances');
  });
});
