import { controlLoop } from '../../control/control-loop.ts';
import type { ControlEvent } from '../../control/control-stream.ts';
import { realClock } from '../../control/clock.ts';
import type { CadenceReport } from '../../control/cadence.ts';
import { runVirtual } from '../../control/virtual-loop.ts';
import type { Tick } from '../../control/tick.ts';
import type { Vigilance } from '../../control/vigilance.ts';
import type { Environment, EpisodeSpec, TimeStep } from '../../env/environment.ts';
import type { Plan } from '../../planning/plan.ts';
import type { Goal, Policy } from '../../planning/policy.ts';
import { SimulatedRobot } from '../../robot/simulated-robot.ts';

/** One episode to be played, and who watches. */
export interface PlayOptions {
  readonly environment: Environment;
  readonly policy: Policy;
  readonly episode: EpisodeSpec;
  readonly goal: Goal;
  readonly latency: number;
  readonly replanInterval: number;
  readonly iterations: number;
  readonly vigilance: Vigilance;
  /** Seconds a plan may take; real time only. */
  readonly deadline: number | undefined;
  /** Ticks per second of wall time; real time only. */
  readonly rate: number;
  /** End at the first success. */
  readonly stopOnSuccess: boolean;
  readonly signal: AbortSignal;
  readonly watch: readonly Watcher[];
}

export interface Watcher {
  timeStep(timeStep: TimeStep): void;
  /** @param observedStep - control step of the observation that the plan was made from */
  plan(plan: Plan, observedStep: number): void;
  tick(tick: Tick): void;
  /** Everything that the control loop tells, ticks and plans among it; in real time only. */
  control?(event: ControlEvent): void;
}

/** How a run ended: the cadence in real time, and the reason if it ended before its time. */
export interface Played {
  readonly cadence: CadenceReport | null;
  readonly stopped?: string;
}

/** In real time: the robot's clock ticks whatever planning does. An abort holds first, then stops. */
export async function playRealtime(options: PlayOptions): Promise<Played> {
  const { environment, policy, goal, episode, latency, replanInterval, vigilance, signal, watch } = options;
  const robot = new SimulatedRobot(environment, episode, {
    stopOnSuccess: options.stopOnSuccess,
    period: 1 / options.rate,
  });
  const loop = controlLoop({
    robot,
    policy,
    goal,
    seed: episode.seed,
    iterations: options.iterations,
    ...(options.deadline === undefined ? {} : { deadlineSeconds: options.deadline }),
    config: { latency, replanInterval, vigilance },
    clock: realClock(),
    privileged: () => robot.privileged(),
  });
  const onAbort = () => loop.stop('interrupted');
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  for (const watcher of watch) {
    robot.timeStep$.subscribe((timeStep) => watcher.timeStep(timeStep));
    loop.event$.subscribe(tellerOf(watcher));
  }
  try {
    const { stop, cadence } = await loop.done;
    if (stop.error instanceof Error) throw stop.error;
    const played = stop.cause === 'ended' || stop.cause === 'reached';
    return played ? { cadence } : { cadence, stopped: stop.reason };
  } finally {
    signal.removeEventListener('abort', onAbort);
    await robot[Symbol.asyncDispose]();
  }
}

/** Passes the loop's events on, with the observation that each plan was made from. */
export function tellerOf(watcher: Watcher): (event: ControlEvent) => void {
  let observedStep = 0;
  return (event) => {
    if (event.kind === 'tick') watcher.tick(event.tick);
    if (event.kind === 'plan') watcher.plan(event.plan, observedStep);
    if (event.kind === 'state') observedStep = event.state.flight?.observedStep ?? observedStep;
    watcher.control?.(event);
  };
}

/** In virtual time, as fast as it goes: a seed means a result. */
export async function playFast(options: PlayOptions): Promise<Played> {
  const { watch, signal, latency, replanInterval, vigilance, iterations } = options;
  try {
    await runVirtual({
      ...options,
      config: { latency, replanInterval, vigilance },
      budget: { iterations },
      onTick: (tick) => watch.forEach((w) => w.tick(tick)),
      onPlan: (plan, observedStep) => watch.forEach((w) => w.plan(plan, observedStep)),
      onTimeStep: (timeStep) => watch.forEach((w) => w.timeStep(timeStep)),
    });
    return { cadence: null };
  } catch (error) {
    if (signal.aborted) return { cadence: null, stopped: 'interrupted' };
    throw error;
  }
}
