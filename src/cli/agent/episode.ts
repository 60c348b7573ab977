import { merge } from 'rxjs';
import type { CadenceReport } from '../../control/cadence.ts';
import { realClock } from '../../control/clock.ts';
import { controlLoop } from '../../control/control-loop.ts';
import type { Stop } from '../../control/state.ts';
import type { Tick } from '../../control/tick.ts';
import type { Vigilance } from '../../control/vigilance.ts';
import type { Environment, EpisodeSpec, TimeStep } from '../../env/environment.ts';
import type { Plan } from '../../planning/plan.ts';
import type { Observation } from '../../env/observation.ts';
import { SimulatedRobot } from '../../robot/simulated-robot.ts';
import type { RemotePlanner } from '../../robot/remote/remote-planner.ts';
import type { SafetyLimits } from '../../safety/limits.ts';
import { tellerOf } from '../run/play.ts';
import type { RunRecording } from '../run/recording.ts';
import type { GuardChange, Supervisor } from './supervisor.ts';

/** One episode at the robot end. */
export interface AgentEpisode {
  readonly environment: Environment;
  readonly episode: EpisodeSpec;
  readonly goal: Observation;
  /** Goals that wait until the one before is reached. */
  readonly further: readonly Observation[];
  /** End when the planning end has said of every goal that it is reached. */
  readonly untilReached: boolean;
  readonly vigilance: Vigilance;
  readonly planner: RemotePlanner;
  readonly supervisor: Supervisor;
  readonly limits: SafetyLimits;
  readonly latency: number;
  readonly replanInterval: number;
  readonly iterations: number;
  readonly deadline: number | undefined;
  /** Ticks per second of wall time. */
  readonly rate: number;
  readonly stopOnSuccess: boolean;
  /** A latched stop ends the episode, for nobody is there to clear it. */
  readonly endOnStop: boolean;
  readonly signal: AbortSignal;
  /** Null for none. */
  readonly recording: RunRecording | null;
  readonly watch: {
    tick(tick: Tick): void;
    plan(plan: Plan): void;
    timeStep(timeStep: TimeStep): void;
    change(change: GuardChange): void;
  };
}

export interface AgentEnd {
  readonly stop: Stop;
  readonly cadence: CadenceReport;
  readonly success: boolean;
  readonly steps: number;
  readonly distance: number;
  /** The envelope's last word before the run was stopped. */
  readonly last: GuardChange | null;
}

const eventOf = ({ mode, reason, cause, epoch }: GuardChange) => ({
  kind: 'safety',
  reason: mode,
  detail: [reason, cause, `epoch ${epoch}`].filter((part) => part !== null).join(', '),
});

/** Plays an episode: the robot's clock and its envelope here, the planning at the other end. */
export async function playAgent(options: AgentEpisode): Promise<AgentEnd> {
  const { environment, episode, planner, supervisor, signal, watch, recording } = options;
  const robot = new SimulatedRobot(environment, episode, {
    stopOnSuccess: options.stopOnSuccess,
    period: 1 / options.rate,
    brakes: true,
  });
  const loop = controlLoop({
    robot,
    policy: planner.withGoals(options.further.map((value) => ({ kind: 'observation', value }))),
    goal: { kind: 'observation', value: options.goal },
    seed: episode.seed,
    iterations: options.iterations,
    ...(options.deadline === undefined ? {} : { deadlineSeconds: options.deadline }),
    config: {
      latency: options.latency,
      replanInterval: options.replanInterval,
      vigilance: options.vigilance,
    },
    clock: realClock(),
    safety: { limits: options.limits, supervised: true },
    link$: planner.signal$,
    commands$: merge(supervisor.command$),
  });
  let last = null as GuardChange | null;
  let latest = null as TimeStep | null;
  const changes = supervisor.change$.subscribe((change) => {
    if (change.cause !== 'ended') last = change;
    planner.state({ mode: change.mode, reason: change.reason, step: change.step, epoch: change.epoch });
    watch.change(change);
    recording?.event(eventOf(change));
    const latched = change.mode === 'stopped' || change.mode === 'estop';
    if (options.endOnStop && latched && change.cause !== 'ended')
      loop.stop(`${change.mode}: ${change.cause ?? ''}`);
  });
  loop.event$.subscribe((event) => supervisor.take(event));
  loop.tick$.subscribe((tick) => {
    watch.tick(tick);
    planner.tick(tick);
  });
  loop.plan$.subscribe((plan) => watch.plan(plan));
  if (recording) {
    recording.goal(options.goal);
    robot.timeStep$.subscribe((timeStep) => recording.timeStep(timeStep));
    loop.event$.subscribe(tellerOf(recording));
  }
  robot.timeStep$.subscribe((timeStep) => {
    latest = timeStep;
    watch.timeStep(timeStep);
  });
  let reached = 0;
  const arrivals = planner.reached$.subscribe(() => {
    if (++reached > options.further.length && options.untilReached)
      loop.stop('the model says that the goal is reached');
  });
  const onAbort = () => loop.stop('interrupted');
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  try {
    const { stop, cadence } = await loop.done;
    const { success = false, distance = NaN, observation } = latest ?? ({} as Partial<TimeStep>);
    return { stop, cadence, success, distance, steps: observation?.step ?? 0, last };
  } finally {
    signal.removeEventListener('abort', onAbort);
    changes.unsubscribe();
    arrivals.unsubscribe();
    planner.flush();
    await robot[Symbol.asyncDispose]();
  }
}
