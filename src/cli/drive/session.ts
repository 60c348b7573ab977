import { map, tap } from 'rxjs';
import { controlLoop, type ControlReport } from '../../control/control-loop.ts';
import { realClock } from '../../control/clock.ts';
import type { Command } from '../../control/core.ts';
import type { Vigilance } from '../../control/vigilance.ts';
import type { Observation } from '../../env/observation.ts';
import { JepilotError } from '../../errors.ts';
import type { Policy } from '../../planning/policy.ts';
import type { Plan } from '../../planning/plan.ts';
import type { RobotProfile } from '../../robot/profile/schema.ts';
import { measuredCommand } from '../../robot/profile/mapping.ts';
import { BridgeConnection } from '../../robot/rosbridge/connection.ts';
import type { Condition } from '../../robot/rosbridge/condition.ts';
import { preflight, type Check } from '../../robot/rosbridge/preflight.ts';
import {
  RosbridgeRobot,
  type LinkReport,
  type ShownCommand,
} from '../../robot/rosbridge/rosbridge-robot.ts';
import { proveCommands } from '../../robot/rosbridge/prove-commands.ts';

/** A robot to be driven, and how. */
export interface DriveSession {
  readonly url: string;
  readonly profile: RobotProfile;
  /** False: nothing is sent that moves. */
  readonly arm: boolean;
  /** Seconds that the robot is listened to before anything else. */
  readonly listen: number;
  readonly signal: AbortSignal;
  readonly onChecks: (checks: readonly Check[]) => void;
  readonly onCommand: (command: ShownCommand) => void;
  readonly onPlan: (plan: Plan) => void;
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
  /** Control steps after which the drive ends. */
  readonly steps: number;
}

/** How a drive ended. */
export interface Driven {
  readonly control: ControlReport;
  readonly link: LinkReport;
  /** Why the robot could not be driven on; null where it ended by itself or a person ended it. */
  readonly trouble: { readonly kind: 'lost' | 'emergency'; readonly reason: string } | null;
  readonly armed: boolean;
}

const wallClock = (): number => Date.now() / 1000;

/** Connects, looks the robot over, and hands it to `work`; lets go of it in every case. */
export async function withRobot<T>(
  session: DriveSession,
  work: (robot: RosbridgeRobot, connection: BridgeConnection, checks: readonly Check[]) => Promise<T>,
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
  return await work(robot, connection, checks);
}

/** Refuses to arm what was found wrong, in one line. */
export function refuseToArm(checks: readonly Check[]): void {
  const wrong = checks.filter(({ verdict }) => verdict === 'wrong');
  const [first] = wrong;
  if (!first) return;
  const more = wrong.length > 1 ? ` (and ${wrong.length - 1} more)` : '';
  throw new JepilotError('bad-state', `not armed: ${first.name}: ${first.detail}${more}; see drive --check`);
}

/** What is late holds until it comes; what is lost, or pressed, ends the drive. */
function orderOf(condition: Condition): Command {
  switch (condition.kind) {
    case 'good':
      return { kind: 'resume' };
    case 'stale':
      return { kind: 'hold' };
    case 'lost':
    case 'emergency':
      return { kind: 'stop', reason: condition.reason };
  }
}

/** Plans for the robot and drives it, or shows what it would send, until one of the two ends. */
export async function drive(
  robot: RosbridgeRobot,
  connection: BridgeConnection,
  session: DriveSession,
  planning: DrivePlanning,
): Promise<Driven> {
  const { profile, arm, signal } = session;
  const { policy, goal, seed, iterations, replanInterval, latency, vigilance, deadline } = planning;
  const clock = realClock();
  const initialCommand = measuredCommand(profile, robot.state ?? new Float32Array(0));
  if (arm) await proveCommands(robot, connection, profile, initialCommand, clock);
  robot.command$.subscribe(session.onCommand);
  const loop = controlLoop({
    robot,
    policy,
    goal: { kind: 'observation', value: goal },
    seed,
    iterations,
    ...(deadline === undefined ? {} : { deadlineSeconds: deadline }),
    config: { latency, replanInterval, vigilance, initialCommand },
    commands$: robot.condition$.pipe(tap(session.onCondition), map(orderOf)),
    clock,
  });
  loop.plan$.subscribe(session.onPlan);
  loop.tick$.subscribe(({ step }) => {
    if (step + 1 >= planning.steps) loop.stop(`${planning.steps} steps`);
  });
  const onAbort = () => loop.stop('interrupted');
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  try {
    const control = await loop.done;
    const { value: condition } = robot.condition$;
    const trouble = condition.kind === 'lost' || condition.kind === 'emergency' ? condition : null;
    if (control.stop.error instanceof Error) throw control.stop.error;
    return { control, link: robot.report(), trouble, armed: arm };
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
