import { describe, expect, it } from 'vitest';
import { planningSettings } from '#src/planning/settings.js';
import { linearManifest } from '../fakes/linear-world-model.js';

const manifest = linearManifest();

describe('planning settings', () => {
  it('are the model’s own', () => {
    expect(planningSettings(manifest)).toEqual(manifest.planning);
  });

  it('take overrides, and ignore those that are undefined', () => {
    const objective = { kind: 'weighted', terms: [[2, { kind: 'latent', over: 'terminal' }]] } as const;
    const settings = planningSettings(manifest, {
      planner: './mine.js',
      horizon: 6,
      samples: undefined,
      objective,
    });
    expect(settings).toEqual({ ...manifest.planning, planner: './mine.js', horizon: 6, objective });
  });

  it('take proposals of the prior, none by default', () => {
    expect(planningSettings(manifest).priorProposals).toBeUndefined();
    expect(planningSettings(manifest, { priorProposals: 0 }).priorProposals).toBe(0);
    expect(planningSettings(manifest, { priorProposals: 8 }).priorProposals).toBe(8);
  });

  it.each([
    [
      { priorProposals: -1 },
      'out-of-range',
      "planning setting 'priorProposals' is -1; it must be at least 0",
    ],
    [{ priorProposals: 0.5 }, 'invalid-value', "planning setting 'priorProposals' is 0.5"],
    [{ samples: 0 }, 'out-of-range', "planning setting 'samples' is 0; it must be at least 1"],
    [{ elites: 65 }, 'out-of-range', "planning setting 'elites' is 65; with 64 samples it may be at most 64"],
    [{ samples: 4 }, 'out-of-range', "planning setting 'elites' is 8; with 4 samples it may be at most 4"],
    [
      { replanInterval: 21 },
      'out-of-range',
      "planning setting 'replanInterval' is 21; a horizon of 4 model steps lasts 20 control steps",
    ],
    [{ horizon: 2.5 }, 'invalid-value', "planning setting 'horizon' is 2.5"],
    [{ iterations: '3' }, 'invalid-value', `planning setting 'iterations' is "3"`],
    [{ horizons: 3 }, 'invalid-value', 'horizons'],
    [{ objective: { kind: 'hope' } }, 'invalid-value', "planning setting 'objective.kind'"],
    [null, 'invalid-value', 'planning settings'],
  ])('refuse %j', (overrides, code, message) => {
    const act = () => planningSettings(manifest, overrides);
    expect(act).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) as string }),
    );
  });
});
