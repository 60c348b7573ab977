import { extent, tensor, type Tensor } from '../tensor.ts';
import type { ModelManifest } from './manifest.ts';
import type { ModelSessions } from './model-sessions.ts';

/**
 * Time to go [B], in model steps, from `latents` [B, D] to the rows `jobOf` [B] of `goals` [J, D];
 * null for a model without a metric head.
 */
export async function timeToGo(
  sessions: ModelSessions,
  manifest: ModelManifest,
  latents: Tensor,
  goals: Tensor,
  jobOf: Int32Array,
): Promise<Float32Array | null> {
  const { metric, metricGoal } = sessions;
  if (!metric || !manifest.metric) return null;
  const rows = extent(latents, 0);
  if (manifest.metric.kind === 'pair') {
    return (await metric.runOne({ latent: latents, goal: gatherRows(goals, jobOf) }, [rows])).data;
  }
  const { dim } = manifest.metric;
  const from = await metric.runOne({ latent: latents }, [rows, dim]);
  const to = await (metricGoal ?? metric).runOne({ latent: goals }, [extent(goals, 0), dim]);
  const distance =
    manifest.metric.kind === 'product'
      ? (i: number, j: number) => softplus(product(from, i, to, j))
      : (i: number, j: number) => Math.sqrt(squaredDistance(from, i, to, j));
  return Float32Array.from({ length: rows }, (_, i) => distance(i, jobOf[i]!));
}

/** log(1 + eˣ), without overflow. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Inner product of row `i` of `a` and row `j` of `b`. */
function product(a: Tensor, i: number, b: Tensor, j: number): number {
  const width = extent(a, 1);
  let sum = 0;
  for (let k = 0; k < width; k++) sum += a.data[i * width + k]! * b.data[j * width + k]!;
  return sum;
}

/** The rows `index` [N] of a tensor [J, X], as [N, X]. */
export function gatherRows(rows: Tensor, index: Int32Array): Tensor {
  const width = rows.data.length / extent(rows, 0);
  const data = new Float32Array(index.length * width);
  index.forEach((row, i) => data.set(rows.data.subarray(row * width, (row + 1) * width), i * width));
  return tensor([index.length, width], data);
}

/** Sum of squared differences of row `i` of `a` and row `j` of `b`. */
export function squaredDistance(a: Tensor, i: number, b: Tensor, j: number): number {
  const width = extent(a, 1);
  let sum = 0;
  for (let k = 0; k < width; k++) sum += (a.data[i * width + k]! - b.data[j * width + k]!) ** 2;
  return sum;
}
