import { extent, type Tensor } from '../tensor.ts';
import { stepWeights } from './objective-cost.ts';
import { partNames, type Imagined, type Parts } from './rollout.ts';

/** Positions in ascending order of value, [N]; equal values keep their order. */
const orderOf = (values: Float64Array): number[] =>
  Array.from(values.keys()).sort((i, j) => values[i]! - values[j]! || i - j);

/** Spearman's rank correlation of two cost vectors; 0 where either is not all finite. */
export function rankCorrelation(a: Float64Array, b: Float64Array): number {
  if (![...a, ...b].every(Number.isFinite)) return 0;
  const [first, second] = [ranks(a), ranks(b)];
  const squares = first.reduce((sum, rank, i) => sum + (rank - second[i]!) ** 2, 0);
  return 1 - (6 * squares) / (a.length * (a.length ** 2 - 1));
}

function ranks(values: Float64Array): number[] {
  const result = Array<number>(values.length);
  orderOf(values).forEach((index, rank) => (result[index] = rank));
  return result;
}

/** Share of the `count` cheapest of `a` that are among the `count` cheapest of `b`. */
export function eliteOverlap(a: Float64Array, b: Float64Array, count: number): number {
  const elites = new Set(orderOf(b).slice(0, count));
  return (
    orderOf(a)
      .slice(0, count)
      .filter((i) => elites.has(i)).length / count
  );
}

/** What a plan costs by one part of what was imagined, weighed over the steps, for rows `from` to `to`. */
function costs(values: Tensor, from: number, to: number): Float64Array {
  const horizon = extent(values, 1);
  const weights = stepWeights(horizon);
  return Float64Array.from({ length: to - from }, (_, i) =>
    weights.reduce((sum, weight, t) => sum + weight * values.data[(from + i) * horizon + t]!, 0),
  );
}

/** How alike two rollouts rank the plans of several problems, each with its own `perJob` rows: the worst part counts. */
export function compareRankings(
  reference: Imagined,
  other: Imagined,
  parts: Parts,
  perJob: number,
): { readonly rankCorrelation: number; readonly eliteOverlap: number } {
  const elites = Math.max(1, Math.round(perJob / 8));
  const each = partNames(parts)
    .filter((part) => part !== 'latents')
    .map((part) => {
      const [a, b] = [reference[part]!, other[part]!];
      const jobs = extent(a, 0) / perJob;
      const problems = Array.from({ length: jobs }, (_, j) => {
        const [x, y] = [costs(a, j * perJob, (j + 1) * perJob), costs(b, j * perJob, (j + 1) * perJob)];
        return { correlation: rankCorrelation(x, y), overlap: eliteOverlap(y, x, elites) };
      });
      const mean = (pick: (p: (typeof problems)[number]) => number): number =>
        problems.reduce((sum, problem) => sum + pick(problem), 0) / jobs;
      return { rankCorrelation: mean((p) => p.correlation), eliteOverlap: mean((p) => p.overlap) };
    });
  const worst = (key: 'rankCorrelation' | 'eliteOverlap'): number => Math.min(1, ...each.map((e) => e[key]));
  return { rankCorrelation: worst('rankCorrelation'), eliteOverlap: worst('eliteOverlap') };
}
