import { quantilesOf } from '../../control/cadence.ts';
import { lockstep } from '../../planning/lockstep.ts';
import { openPolicy } from '../../planning/open-policy.ts';
import type { Plan } from '../../planning/plan.ts';
import { flopsPerEvaluation } from '../../world-model/arithmetic.ts';
import { decodeRollout } from '../../world-model/composed-rollout.ts';
import { readModel } from '../../world-model/model-files.ts';
import { loadWorldModel, type OnnxWorldModel } from '../../world-model/onnx-world-model.ts';
import { measureGflops } from '../../world-model/provider-rate.ts';
import { findModelPolicy, loadPlanner } from '../planners.ts';
import { asking, type Asking, type BenchCase, type BenchRow } from './case.ts';

/** How long a case is timed. */
export interface Effort {
  readonly seconds: number;
  readonly plans: number;
}

const now = (): number => performance.now() / 1000;
/** Plans for nothing, until compilers and caches have settled. */
const WARM_UP = 4;

interface Timed {
  /** Seconds of each round. */
  readonly rounds: number[];
  /** Seconds of each plan made alone. */
  readonly alone: number[];
  readonly plans: Plan[];
}

/** Times one case; in between, the limit that the same processor has in plain products at that time. */
export async function measure(one: BenchCase, effort: Effort, signal: AbortSignal): Promise<BenchRow> {
  const { folder, provider, precision, threads, settings } = one;
  await using model = await loadWorldModel(folder, { provider, precision, threads });
  await model.prepare(settings.horizon, settings.objective);
  const before = await measureGflops(0.1, threads);
  const timed = await time(model, one, effort, signal);
  const gemmGflops = Math.max(before, await measureGflops(0.1, threads));
  const flops = flopsPerEvaluation(
    decodeRollout(await readModel(folder)),
    model.manifest,
    settings.objective,
  );
  return rowOf(one, model, timed, flops, gemmGflops);
}

async function time(
  model: OnnxWorldModel,
  one: BenchCase,
  { seconds, plans }: Effort,
  signal: AbortSignal,
): Promise<Timed> {
  const { settings, robots } = one;
  const shared = lockstep(() => model);
  const all = await Promise.all(
    Array.from({ length: robots }, async (_, i) => {
      const lists = { findPlanner: loadPlanner, findModelPolicy };
      const policy = await openPolicy(settings.planner, { model: shared.model, settings, now }, lists);
      return asking(policy, model.manifest, settings.iterations, i);
    }),
  );
  const round = async (): Promise<Plan[]> => {
    const requests = all.map((robot) => [robot, robot.next()] as const);
    const results = await shared.together(
      requests.map(
        ([{ policy }, next]) =>
          () =>
            policy.plan(next),
      ),
    );
    return results.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
  };
  const timed: Timed = { rounds: [], alone: [], plans: [] };
  const warmBegan = now();
  for (let i = 0; i < WARM_UP && now() - warmBegan < seconds; i++) await round();
  const began = now();
  while (!signal.aborted && timed.rounds.length < plans) {
    timed.plans.push(...(await clocked(timed.rounds, round)));
    if (robots > 1) for (const robot of all) await clocked(timed.alone, () => single(robot));
    if (timed.rounds.length >= 3 && now() - began > seconds) break;
  }
  return timed;
}

const single = (robot: Asking): Promise<Plan> => robot.policy.plan(robot.next());

async function clocked<T>(into: number[], task: () => Promise<T>): Promise<T> {
  const began = now();
  const result = await task();
  into.push(now() - began);
  return result;
}

const median = (values: readonly number[]): number => quantilesOf(values)?.p50 ?? NaN;

function rowOf(
  { settings, provider, precision, threads, robots, default: own }: BenchCase,
  model: OnnxWorldModel,
  { rounds, alone, plans }: Timed,
  flops: number,
  gemmGflops: number,
): BenchRow {
  const { planner, samples, horizon, iterations } = settings;
  const quantiles = quantilesOf(rounds.map((seconds) => 1000 * seconds));
  const evaluations = plans.reduce((sum, { evidence }) => sum + evidence.evaluations, 0) / rounds.length;
  const evaluationsPerSecond = evaluations / median(rounds);
  const gflops = (evaluationsPerSecond * flops) / 1e9;
  const check = model.provider.precision?.check ?? null;
  return {
    planner,
    model: model.manifest.name,
    provider,
    precision,
    samples,
    horizon,
    iterations,
    default: own,
    threads,
    robots,
    plans: plans.length,
    p50: quantiles?.p50 ?? NaN,
    p95: quantiles?.p95 ?? NaN,
    p99: quantiles?.p99 ?? NaN,
    encodeMs: median(plans.map(({ evidence }) => evidence.encodeMs)),
    plansPerSecond: robots / median(rounds),
    evaluationsPerSecond,
    gflops,
    gemmGflops,
    gemmShare: gflops / gemmGflops,
    rankCorrelation: check?.rankCorrelation ?? null,
    eliteOverlap: check?.eliteOverlap ?? null,
    batchRatio: robots > 1 ? median(rounds) / (robots * median(alone)) : null,
  };
}
