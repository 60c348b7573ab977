import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { openEngine } from '../../planning/engine.ts';
import { workerEntry } from '../workers/entry.ts';
import { asking, type BenchCase } from './case.ts';

/** How late timers come at the control end, milliseconds, while an engine plans all the time in its worker. */
export interface LoopDelay {
  readonly model: string;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly plans: number;
}

/** Timers are asked for at this interval; what exceeds it is delay. */
const RESOLUTION_MS = 1;

export async function loopDelay(one: BenchCase, seconds: number, signal: AbortSignal): Promise<LoopDelay> {
  const { folder, provider, precision, threads, settings } = one;
  const config = { model: folder, provider, precision, threads };
  await using engine = await openEngine(() => new Worker(workerEntry('engine'), { execArgv: [] }), config);
  const policy = await engine.policy({ planner: settings.planner, settings });
  const robot = await asking(policy, engine.manifest, settings.iterations, 0);
  for (let i = 0; i < 8; i++) await policy.plan(robot.next());
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  const until = performance.now() + 1000 * seconds;
  let plans = 0;
  for (; performance.now() < until && !signal.aborted; plans++) await policy.plan(robot.next());
  histogram.disable();
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  return {
    model: engine.manifest.name,
    p50: late(histogram.percentile(50)),
    p99: late(histogram.percentile(99)),
    max: late(histogram.max),
    plans,
  };
}
