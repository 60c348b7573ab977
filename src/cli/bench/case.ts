import type { Observation } from '../../env/observation.ts';
import type { PlanRequest, Policy } from '../../planning/policy.ts';
import type { PlanningSettings } from '../../planning/settings.ts';
import { rngOf } from '../../rng.ts';
import { zeros } from '../../tensor.ts';
import type { ModelManifest } from '../../world-model/manifest.ts';

/** One set-up to be timed. */
export interface BenchCase {
  readonly folder: string;
  readonly settings: PlanningSettings;
  readonly precision: 'fp32' | 'int8' | 'fp16';
  readonly provider: 'cpu' | 'webgpu' | 'cuda';
  readonly threads: number;
  readonly robots: number;
  /** The model's own set-up. */
  readonly default: boolean;
}

/** What timing it gave; milliseconds. */
export interface BenchRow {
  readonly planner: string;
  readonly model: string;
  readonly provider: string;
  readonly precision: string;
  readonly samples: number;
  readonly horizon: number;
  readonly iterations: number;
  readonly default: boolean;
  readonly threads: number;
  readonly robots: number;
  /** Plans timed. */
  readonly plans: number;
  /** Of a whole plan, encoding included; with several robots, of a round in which each gets one. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly encodeMs: number;
  readonly plansPerSecond: number;
  /** Imagined steps of candidates. */
  readonly evaluationsPerSecond: number;
  /** Of the arithmetic as the model defines it, in float32 and with nothing saved. */
  readonly gflops: number;
  /** Of float32 matrix products, just before and after, with as many threads. */
  readonly gemmGflops: number;
  readonly gemmShare: number;
  /** Against float32, on the probe batch; null for float32. */
  readonly rankCorrelation: number | null;
  readonly eliteOverlap: number | null;
  /** Time of a round over that of as many plans one by one; null for one robot. */
  readonly batchRatio: number | null;
}

/** A noisy picture of each camera, for a plan takes as long whatever it sees. */
function noisy({ cameras }: ModelManifest, step: number, robot: number): Observation {
  const rng = rngOf('bench', robot, step);
  const images = cameras.map(({ name, width, height }) => {
    const data = Uint8Array.from({ length: 3 * width * height }, () => rng.integer(256));
    return [name, { width, height, data }] as const;
  });
  return { step, time: 0, images: Object.fromEntries(images), state: new Float32Array(0) };
}

/** A robot that asks for plan after plan. */
export interface Asking {
  readonly policy: Policy;
  next(): PlanRequest;
}

/** Pictures that are made ahead, for making them is no part of planning. */
const PICTURES = 16;

/** Starts an episode for a robot, one model step between its plans. */
export async function asking(
  policy: Policy,
  manifest: ModelManifest,
  iterations: number,
  robot: number,
): Promise<Asking> {
  const { dim, repeat } = manifest.action;
  const pictures = Array.from({ length: PICTURES }, (_, i) => noisy(manifest, i, robot));
  await policy.reset({ seed: robot, goal: { kind: 'observation', value: pictures[0]! } });
  let count = 0;
  return {
    policy,
    next() {
      const observation = { ...pictures[count % PICTURES]!, step: count * repeat };
      const executed = zeros([count === 0 ? 0 : repeat, dim]);
      count++;
      return { observations: [observation], executed, committed: zeros([0, dim]), budget: { iterations } };
    },
  };
}
