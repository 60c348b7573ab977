import { planningSettings, type PlanningOverrides, type PlanningSettings } from '../../planning/settings.ts';
import type { ModelManifest } from '../../world-model/manifest.ts';
import type { BenchCase } from './case.ts';

/** What a user asks for, settled. */
export interface BenchRequest {
  readonly models: readonly { readonly folder: string; readonly manifest: ModelManifest }[];
  readonly overrides: PlanningOverrides;
  readonly provider: BenchCase['provider'];
  readonly precisions: readonly BenchCase['precision'][];
  readonly threads: number;
  readonly allThreads: number;
  readonly robots: readonly number[];
  /** Also how time grows with samples, horizon, threads and robots. */
  readonly scaling: boolean;
}

/** The search that the literature on these models plans with: 300 samples, 5 steps, 30 iterations, 30 elites. */
const reference = { planner: 'cem', samples: 300, horizon: 5, iterations: 30, elites: 30 } as const;

/** Every set-up to be timed, the model's own first. */
export function casesOf(request: BenchRequest): BenchCase[] {
  return request.models.flatMap(({ folder, manifest }) => {
    const { provider, threads, overrides } = request;
    const own = planningSettings(manifest);
    const given = Object.keys(overrides).length > 0;
    const asked = given ? planningSettings(manifest, fitting(overrides, own)) : own;
    const base = { folder, provider, threads, robots: 1 };
    return request.precisions.flatMap((precision): BenchCase[] => {
      const first: BenchCase = { ...base, precision, settings: asked, default: !given };
      const other = (change: Partial<BenchCase>): BenchCase => ({ ...first, ...change, default: false });
      const shared = request.robots.map((robots) => other({ robots }));
      if (given) return [first, ...shared];
      const published = planningSettings(manifest, { ...reference, replanInterval: own.replanInterval });
      const usual = isReference(own) ? [] : [other({ settings: published })];
      return [first, ...usual, ...shared, ...(request.scaling ? scaling(first, request.allThreads) : [])];
    });
  });
}

/** Fewer samples than elites would be a contradiction that nobody asked for. */
function fitting(overrides: PlanningOverrides, own: PlanningSettings): PlanningOverrides {
  const { samples, elites, horizon } = overrides;
  const fewer = samples !== undefined && elites === undefined && samples < own.elites;
  const shorter = horizon !== undefined && overrides.replanInterval === undefined;
  return {
    ...overrides,
    ...(fewer && { elites: Math.max(1, Math.floor(samples / 4)) }),
    ...(shorter && { replanInterval: 1 }),
  };
}

const isReference = ({ samples, horizon, iterations }: PlanningSettings): boolean =>
  samples === reference.samples && horizon === reference.horizon && iterations === reference.iterations;

/** One thing changed at a time. */
function scaling(first: BenchCase, allThreads: number): BenchCase[] {
  const { settings } = first;
  const change = (over: Partial<PlanningSettings>): BenchCase => ({
    ...first,
    default: false,
    settings: { ...settings, ...over },
  });
  const samples = [0.5, 2, 4].map((factor) =>
    Math.max(settings.elites, Math.round(factor * settings.samples)),
  );
  const horizons = [1, 2, 5, 10].filter((horizon) => horizon !== settings.horizon);
  return [
    ...samples.map((count) => change({ samples: count })),
    ...horizons.map((horizon) => change({ horizon, replanInterval: 1 })),
    ...(allThreads === first.threads ? [] : [{ ...first, default: false, threads: allThreads }]),
  ];
}
