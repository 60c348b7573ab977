import { describe, expect, it } from 'vitest';
import { tensor } from '#src/tensor.js';
import { costsOf, stepWeights } from '#src/world-model/objective-cost.js';
import type { ModelManifest } from '#src/world-model/manifest.js';
import type { ObjectiveSpec } from '#src/planning/objective.js';

const manifest = {
  name: 'm',
  action: { dim: 2, repeat: 2, std: [1, 10] },
  metric: { kind: 'pair' },
  graphs: { ensemble: {} },
} as unknown as ModelManifest;
const imagined = {
  metric: tensor([2, 3], Float32Array.of(3, 2, 1, 3, 3, 3)),
  latentDistance: tensor([2, 3], Float32Array.of(9, 4, 1, 0, 0, 0.5)),
  disagreement: tensor([2, 3], Float32Array.of(1, 2, 6, 0, 0, 0.75)),
  latents: null,
};
/** Three model steps of two raw actions: a ramp in the first value; jumps of one standard deviation in the second. */
const ramp = [0, 0, 1, 10, 2, 0, 3, 10, 4, 0, 5, 10];
const actions = tensor([2, 3, 4], Float32Array.from([...ramp, ...Array<number>(12).fill(7)]));
const costs = (objective: ObjectiveSpec): number[] => [...costsOf(objective, imagined, actions, manifest)];

describe('costs', () => {
  it('weigh the steps from 0.3 to 1, summing to one', () => {
    const weights = stepWeights(8);
    expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    expect(weights[0]! / weights[7]!).toBeCloseTo(0.3, 12);
    expect([...stepWeights(1)]).toEqual([1]);
    const [falling, level] = costs({ kind: 'metric', over: 'sum' });
    expect(falling).toBeCloseTo((0.3 * 3 + 0.65 * 2 + 1) / 1.95, 6);
    expect(level).toBeCloseTo(3, 6);
  });

  it('take the last step for terminal', () => {
    expect(costs({ kind: 'metric', over: 'terminal' })).toEqual([1, 3]);
    expect(costs({ kind: 'latent', over: 'terminal' })).toEqual([1, 0.5]);
  });

  it('take the mean over all steps for disagreement', () => {
    expect(costs({ kind: 'disagreement' })).toEqual([3, 0.25]);
    expect(costs({ kind: 'weighted', terms: [[-2, { kind: 'disagreement' }]] })).toEqual([-6, -0.5]);
  });

  it('count the change of raw actions across blocks, in standard deviations', () => {
    expect(costs({ kind: 'actionChange' })).toEqual([1, 0]);
  });

  it('add up weighted terms, nested too', () => {
    const inner: ObjectiveSpec = { kind: 'weighted', terms: [[2, { kind: 'latent', over: 'terminal' }]] };
    const both = costs({
      kind: 'weighted',
      terms: [
        [0.5, { kind: 'metric', over: 'terminal' }],
        [3, inner],
      ],
    });
    expect(both).toEqual([0.5 + 6, 1.5 + 3]);
  });
});
