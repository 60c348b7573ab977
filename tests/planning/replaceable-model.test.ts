import { describe, expect, it } from 'vitest';
import { JepilotError } from '#src/errors.js';
import { ReplaceableModel } from '#src/planning/replaceable-model.js';
import { LinearWorldModel } from '../fakes/linear-world-model.js';

const config = { model: 'linear', provider: 'auto', threads: 1 } as const;
const lost = (provider: string): JepilotError =>
  new JepilotError('provider', `linear: execution provider '${provider}' failed in mid-run: device lost`);

/** A linear model that says it runs on `used`. */
class ModelOn extends LinearWorldModel {
  closed = false;
  override readonly provider: LinearWorldModel['provider'];

  constructor(used: string) {
    super();
    this.provider = { used, rejected: [] };
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.closed = true;
  }
}

/** Loads on the first of three providers that is not excluded. */
function replaceable() {
  const models: ModelOn[] = [];
  const model = new ReplaceableModel((_, exclude) => {
    const used = ['cuda', 'webgpu', 'cpu'].find((name) => !exclude.includes(name))!;
    models.push(new ModelOn(used));
    return Promise.resolve(models.at(-1)!);
  });
  return { model, models };
}

describe('a model whose provider dies', () => {
  it('goes on with the next, says so, and lets the first go', async () => {
    const { model, models } = replaceable();
    await model.load(config);
    const told = (await model.recover(lost('cuda'))) as JepilotError;
    expect(told).toMatchObject({ code: 'provider' });
    expect(told.message).toMatch(/'cuda' failed in mid-run: device lost; the next plan runs on 'webgpu'$/);
    expect(model.current.provider.used).toBe('webgpu');
    expect(models[0]!.closed).toBe(true);
  });

  it('is replaced once for all the plans that failed with it', async () => {
    const { model, models } = replaceable();
    await model.load(config);
    for (let plan = 0; plan < 3; plan++) await model.recover(lost('cuda'));
    expect(models.map(({ provider }) => provider.used)).toEqual(['cuda', 'webgpu']);
  });

  it('stays after an error of another kind, and on the CPU', async () => {
    const { model, models } = replaceable();
    await model.load(config);
    const other = new JepilotError('shape-mismatch', 'a job has no latents');
    expect(await model.recover(other)).toBe(other);
    await model.recover(lost('cuda'));
    await model.recover(lost('webgpu'));
    const last = lost('cpu');
    expect(await model.recover(last)).toBe(last);
    expect(models).toHaveLength(3);
  });
});
