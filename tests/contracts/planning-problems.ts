import type { Evaluate } from '#src/planning/optimize.js';
import type { PlanningSpec } from '#src/planning/planner.js';
import { rowsOf } from '#src/planning/population.js';
import { slice, zeros, type Tensor } from '#src/tensor.js';

/** A search problem whose best plan is known. */
export interface PlanningProblem {
  readonly name: string;
  readonly spec: PlanningSpec;
  /** Cost of one plan [R, a]. */
  readonly cost: (rows: Tensor) => number;
  /** The lowest cost that any plan within the bounds has. */
  readonly optimum: number;
  /** What counts as solved: lower than every local optimum that is not the best. */
  readonly solved: number;
}

export const spec: PlanningSpec = {
  horizon: 4,
  actionRepeat: 5,
  actionDim: 2,
  minimum: [-1, -2],
  maximum: [1, 2],
  samples: 128,
  elites: 12,
  iterations: 20,
  committed: zeros([0, 2]),
};

/** Scores each candidate by `cost` of its rows; the gradient, where it is needed, by differences. */
export const evaluateBy =
  (of: PlanningSpec, cost: (rows: Tensor) => number): Evaluate =>
  async (candidates, needs) => {
    const rows = Array.from({ length: candidates.shape[0]! }, (_, n) => ({
      shape: [rowsOf(of), of.actionDim],
      data: slice(candidates, n, n + 1).data,
    }));
    const costs = rows.map(cost);
    const evaluation = { costs: Float32Array.from(costs), timeToGo: null, latents: null };
    if (needs === 'costs') return evaluation;
    const slopes = rows.flatMap((plan, n) => slopesOf(plan, costs[n]!, cost));
    return { ...evaluation, gradient: { shape: candidates.shape, data: Float32Array.from(slopes) } };
  };

/** Differences of `cost` in every value of a plan that itself costs `base`. */
function slopesOf(rows: Tensor, base: number, cost: (rows: Tensor) => number): number[] {
  const data = rows.data.slice();
  return Array.from(rows.data, (value, i) => {
    data[i] = value + 0.005;
    const slope = (cost({ ...rows, data }) - base) / 0.005;
    data[i] = value;
    return slope;
  });
}

const mean = (values: Float32Array, of: (value: number, index: number) => number): number =>
  values.reduce((sum, value, i) => sum + of(value, i), 0) / values.length;

/** A ramp in the first dimension and a constant in the second: the quadratic's argmin. */
export const ramp = (index: number): number => (index % 2 === 0 ? 0.8 * (index / 39) - 0.4 : 0.7);

/** Steps of 0.1 from the origin; a wall at x = 0.3 with a gap where 0.2 < y < 0.5 stops what runs into it. */
function walk({ data }: Tensor): { x: number; y: number } {
  let x = 0;
  let y = 0;
  for (let i = 0; i < data.length; i += 2) {
    const to = { x: x + 0.1 * data[i]!, y: y + 0.1 * data[i + 1]! };
    const crosses = x < 0.3 !== to.x < 0.3;
    if (crosses && (to.y < 0.2 || to.y > 0.5)) continue;
    ({ x, y } = to);
  }
  return { x, y };
}

export const problems: readonly PlanningProblem[] = [
  {
    name: 'a quadratic',
    spec,
    cost: ({ data }) => mean(data, (v, i) => (v - ramp(i)) ** 2),
    optimum: 0,
    solved: 0.02,
  },
  {
    name: 'an optimum on the bounds',
    spec,
    cost: ({ data }) => mean(data, (v, i) => (i % 2 === 0 ? Math.abs(v - 3) : Math.abs(v + 4)) - 2),
    optimum: 0,
    solved: 0.15,
  },
  {
    name: 'two valleys, one of them deeper',
    spec,
    cost({ data }) {
      const far = mean(data, (v, i) => (i % 2 === 0 ? 2 * v : 0));
      return Math.min((far - 0.5) ** 2, (far + 0.5) ** 2 + 0.1);
    },
    optimum: 0,
    solved: 0.01,
  },
  {
    name: 'a wall with a gap beside the straight way',
    spec,
    cost(rows) {
      const { x, y } = walk(rows);
      return Math.hypot(x - 0.7, y + 0.2);
    },
    optimum: 0,
    solved: 0.1,
  },
];
