import { delay, filter, map, merge, type Observable, of, skip, Subject, take } from 'rxjs';
import { realClock } from '../../control/clock.ts';
import { controlLoop, type ControlReport } from '../../control/control-loop.ts';
import type { ControlEvent } from '../../control/control-stream.ts';
import type { Command, LinkSignal } from '../../control/core.ts';
import type { CoreState } from '../../control/state.ts';
import type { Vigilance } from '../../control/vigilance.ts';
import type { Observation } from '../../env/observation.ts';
import { JepilotError } from '../../errors.ts';
import type { Policy } from '../../planning/policy.ts';
import { limitsOf } from '../../robot/profile/limits.ts';
import { measuredCommand } from '../../robot/profile/mapping.ts';
import type { RobotProfile } from '../../robot/profile/schema.ts';
import type { Condition } from '../../robot/rosbridge/condition.ts';
import { BridgeConnection } from '../../robot/rosbridge/connection.ts';
import { preflight, type Check } from '../../robot/rosbridge/preflight.ts';
import type { LinkReport, ShownCommand } from '../../robot/rosbridge/link.ts';
import { RosbridgeRobot } from '../../robot/rosbridge/rosbridge-robot.ts';
import { latched } from '../../safety/guard.ts';
import { armAndStart } from './arming.ts';

/** A robot to be driven, and how. */
export interface DriveSession extends DriveWatcher {
  readonly url: string;
  readonly profile: RobotProfile;
  /** False: nothing is sent that moves. */
  readonly arm: boolean;
  /** Seconds that the robot is listened to before anything else. */
  readonly listen: number;
  readonly signal: AbortSignal;
  /** What a person at the keyboard wants. */
  readonly command$: Observable<Command>;
}

/** Who watches a drive. */
export interface DriveWatcher {
  readonly onChecks: (checks: readonly Check[]) => void;
  readonly onCommand: (command: ShownCommand) => void;
  readonly onObservation: (observation: Observation) => void;
  readonly onEvent: (event: ControlEvent) => void;
  readonly onCondition: (condition: Condition) => void;
  /** What the bridge says, and what of it was not understood. */
  readonly onNotice: (text: string) => void;
}

/** Who plans, and for how long. */
export interface DrivePlanning {
  readonly policy: Policy;
  readonly goal: Observation;
  readonly seed: number;
  readonly iterations: number;
  readonly replanInterval: number;
  readonly latency: number;
  readonly deadline: number | undefined;
  readonly vigilance: Vigilance;
  /** Control steps with a plan after which the drive ends. */
  readonly steps: number;
  /** Arms and starts as soon as the robot is ready; else a person does. */
  readonly byItself: boolean;
}

/** How a drive ended. */
export interface Driven {
  readonly control: ControlReport;
  readonly link: LinkReport;
  /** Why the robot could not be driven on; null where it ended by itself or a person ended it. */
  readonly trouble: Trouble | null;
  readonly armed: boolean;
}

/** Why a robot can't be driven on: its link is lost, somebody pressed the button, or the guard stopped it. */
export interface Trouble {
  readonly kind: 'lost' | 'emergency' | 'stopped';
  readonly reason: string;
}

const wallClock = (): number => Date.now() / 1000;

/** Connects, looks the robot over, and hands it to `work`; lets go of it in every case. */
export async function withRobot<T>(
  session: DriveSession,
  work: (robot: RosbridgeRobot, checks: readonly Check[]) => Promise<T>,
): Promise<T> {
  const clock = realClock();
  await using connection = await BridgeConnection.open(session.url, () => clock.now());
  connection.notice$.subscribe(session.onNotice);
  await using robot = new RosbridgeRobot({
    connection,
    profile: session.profile,
    clock,
    wallClock,
    live: session.arm,
  });
  const checks = await preflight(robot, connection, session.profile, clock, session.listen);
  session.onChecks(checks);
  return await work(robot, checks);
}

/** Refuses to arm what was found wrong, in one line. */
export function refuseToArm(checks: readonly Check[]): void {
  const wrong = checks.filter(({ verdict }) => verdict === 'wrong');
  const [first] = wrong;
  if (!first) return;
  const more = wrong.length > 1 ? ` (and ${wrong.length - 1} more)` : '';
  throw new JepilotError('bad-state', `not armed: ${first.name}: ${first.detail}${more}; see drive --check`);
}

/** What the link to the bridge tells the guard: a session begins, and lives as long as the bridge answers. */
const linkOf = (robot: RosbridgeRobot): Observable<LinkSignal> =>
  merge(of('up' as const), robot.beat$.pipe(map((): LinkSignal => 'beat')));

/** What ends a drive: the robot is lost, the button is pressed, or the guard has stopped it for good. */
function troubles(robot: RosbridgeRobot, state$: Observable<CoreState>): Observable<Trouble> {
  const conditions$ = robot.condition$.pipe(
    filter((condition) => condition.kind === 'lost' || condition.kind === 'emergency'),
  );
  const guards$ = state$.pipe(
    filter(({ guard, stop }) => stop === null && latched(guard)),
    map(({ guard }): Trouble => ({ kind: 'stopped', reason: `the safety guard stopped it: ${guard.mode}` })),
    // The condition says the same with its reason; it may come a moment later.
    delay(100),
  );
  return merge(conditions$, guards$).pipe(take(1));
}

/** Plans for the robot and drives it, or shows what it would send, until one of the two ends. */
export async function drive(
  robot: RosbridgeRobot,
  session: DriveSession,
  planning: DrivePlanning,
): Promise<Driven> {
  const { profile, arm, signal } = session;
  const { policy, goal, seed, iterations, replanInterval, latency, vigilance, deadline } = planning;
  const initialCommand = measuredCommand(profile, robot.state ?? new Float32Array(0));
  const orders$ = new Subject<Command>();
  if (arm) robot.arm();
  await using loop = controlLoop({
    robot,
    policy,
    goal: { kind: 'observation', value: goal },
    seed,
    iterations,
    ...(deadline === undefined ? {} : { deadlineSeconds: deadline }),
    config: { latency, replanInterval, vigilance, initialCommand },
    commands$: merge(orders$, session.command$),
    safety: { limits: limitsOf(profile, profile.name), supervised: true },
    link$: linkOf(robot),
    clock: realClock(),
  });
  let trouble = null as Trouble | null;
  const watched = [
    robot.command$.subscribe(session.onCommand),
    robot.condition$.subscribe(session.onCondition),
    robot.observation$.subscribe(session.onObservation),
    loop.event$.subscribe(session.onEvent),
    loop.tick$
      .pipe(
        filter(({ source }) => source !== 'hold'),
        skip(planning.steps - 1),
      )
      .subscribe(() => loop.stop(`${planning.steps} steps`)),
    troubles(robot, loop.state$).subscribe((found) => {
      trouble = found;
      loop.stop(found.reason);
    }),
  ];
  const onAbort = () => loop.stop('interrupted');
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  try {
    if (planning.byItself) await armAndStart(robot, loop.state$, (order) => orders$.next(order), arm);
    const control = await loop.done;
    if (control.stop.error instanceof Error && !trouble) throw control.stop.error;
    return { control, link: robot.report(), trouble, armed: arm };
  } finally {
    signal.removeEventListener('abort', onAbort);
    for (const subscription of watched) subscription.unsubscribe();
  }
}
