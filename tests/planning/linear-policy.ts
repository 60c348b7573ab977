import { icem } from '#policies/icem.js';
import { mpcPolicy, type MpcConfig } from '#src/planning/mpc-policy.js';
import type { PlanRequest } from '#src/planning/policy.js';
import { zeros } from '#src/tensor.js';
import { LinearWorldModel, seen } from '../fakes/linear-world-model.js';

export const settings = {
  horizon: 4,
  samples: 64,
  elites: 8,
  objective: { kind: 'metric', over: 'sum' },
} as const;
export const none = zeros([0, 2]);
export const goal = { kind: 'observation', value: seen(0, 1.1, -0.7) } as const;

/** The usual policy on the linear world model. */
export const policyOf = (config: Partial<MpcConfig> = {}) =>
  mpcPolicy({ model: new LinearWorldModel(), planner: icem, settings, now: () => 0, ...config });

export const request = (change: Partial<PlanRequest> = {}): PlanRequest => ({
  observations: [seen(0, 0, 0)],
  executed: none,
  committed: none,
  budget: { iterations: 3 },
  ...change,
});
