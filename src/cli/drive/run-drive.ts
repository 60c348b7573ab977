import { NEVER } from 'rxjs';
import type { Observation } from '../../env/observation.ts';
import { JepilotError } from '../../errors.ts';
import { toJson } from '../../record/json-lines.ts';
import type { Check } from '../../robot/rosbridge/preflight.ts';
import type { PlanningRequest } from '../planning.ts';
import { again } from './again.ts';
import { goalPicture } from './goal.ts';
import { typed$ } from './keyboard.ts';
import { driveNative } from './native.ts';
import { openForRobot } from './planning.ts';
import { DriveRecording } from './recording.ts';
import { drive, refuseToArm, withRobot, type Driven, type DriveWatcher } from './session.ts';
import type { SettledDrive } from './settle.ts';
import { DriveLines, showChecks, showReport } from './show.ts';

/** What the flags of a drive say, beside who plans. */
export interface DriveArguments {
  robot: string;
  profile: string | undefined;
  goal: string | undefined;
  arm: boolean;
  check: boolean;
  steps: number;
  seed: number;
  listen: number;
  reconnect: number | undefined;
  record: string | undefined;
  json: boolean;
}

/** Everything that a drive is told. */
export interface DriveCall {
  readonly args: DriveArguments;
  readonly settled: SettledDrive;
  readonly deadline: number | undefined;
  readonly signal: AbortSignal;
}

/** Looks the robot over and tells what is there. Sends nothing that moves. */
export async function lookOver({ args, settled, signal }: DriveCall): Promise<void> {
  const watcher = watcherOf(settled);
  const session = { url: args.robot, profile: settled.profile, arm: false, listen: args.listen, signal };
  await withRobot({ ...session, ...watcher, command$: NEVER }, async (_robot, checks) => {
    report(args, checks);
  });
}

/** Plans for the robot, and drives it where that was asked for. */
export async function runDrive(call: DriveCall): Promise<void> {
  const { args, settled, signal } = call;
  const { profile, choice, request } = settled;
  const goal = await goalOf(args, settled);
  await using planning = await openForRobot(profile, request, choice);
  await using recording = await recordingOf(call, planning.provider?.used ?? '');
  recording?.goal(goal);
  const watcher = watcherOf(settled, recording);
  const session = { url: args.robot, profile, arm: args.arm, listen: args.listen, signal };
  const typed = typed$(process.stdin);
  const driveSession = { ...session, ...watcher, command$: typed };
  const planned = {
    ...settled,
    policy: planning.policy,
    goal,
    seed: args.seed,
    iterations: choice.iterations,
    replanInterval: choice.replanInterval,
    deadline: call.deadline,
    steps: args.steps,
  };
  const driven = await again(args.reconnect, signal, (first) =>
    withRobot(driveSession, async (robot, checks) => {
      if (args.arm) refuseToArm(checks);
      return drive(robot, driveSession, { ...planned, byItself: first });
    }),
  );
  await recording?.finish(driven);
  finish(args, driven);
}

/** Lines for the person who watches, and the recording. */
function watcherOf({ profile }: SettledDrive, recording: DriveRecording | null = null): DriveWatcher {
  const names = profile.action.values.map(({ name }) => name);
  const lines = new DriveLines(profile.rate, names);
  return {
    onChecks: showChecks,
    onCommand: (command) => lines.command(command),
    onObservation: (observation) => recording?.observation(observation),
    onEvent(event) {
      recording?.control(event);
      if (event.kind === 'plan') lines.plan(event.plan);
    },
    onCondition(condition) {
      const line = lines.condition(condition);
      if (line !== null) recording?.note(condition.kind, line);
    },
    onNotice(text) {
      process.stderr.write(`${text}\n`);
      recording?.note('notice', text);
    },
  };
}

async function recordingOf({ args, settled }: DriveCall, provider: string): Promise<DriveRecording | null> {
  if (args.record === undefined) return null;
  return DriveRecording.open(args.record, settled, {
    command: `jepilot ${process.argv.slice(2).join(' ')}`,
    started: new Date().toISOString(),
    provider,
    seed: args.seed,
    armed: args.arm,
    robot: args.robot,
  });
}

async function goalOf({ goal }: DriveArguments, { profile, choice }: SettledDrive): Promise<Observation> {
  if (goal !== undefined) return goalPicture(profile.cameras[0], goal);
  if (choice.model)
    throw new JepilotError('invalid-value', 'a planner needs to know where to: name a picture with --goal');
  return { step: 0, time: 0, images: {}, state: new Float32Array(0) };
}

function report({ json }: DriveArguments, checks: readonly Check[]): void {
  const ready = checks.every(({ verdict }) => verdict !== 'wrong');
  if (json) process.stdout.write(`${toJson({ ready, checks })}\n`);
  else process.stdout.write(ready ? 'ready to arm\n' : 'not ready to arm\n');
  if (!ready) process.exitCode = 4;
}

/** Exit codes: 0 ended as asked, 4 link, 5 safety stop. */
function finish({ json }: DriveArguments, driven: Driven): void {
  const { control, trouble, armed, link } = driven;
  showReport(driven);
  const outcome = trouble ? `${trouble.kind}: ${trouble.reason}` : control.stop.reason;
  if (json)
    process.stdout.write(
      `${toJson({ armed, outcome, stop: control.stop, cadence: control.cadence, link })}\n`,
    );
  else process.stdout.write(`${outcome}${armed ? '' : ' (dry run: nothing was sent)'}\n`);
  if (trouble) process.exitCode = trouble.kind === 'lost' ? 4 : 5;
}

/** A robot end that speaks JEPilot's own protocol says itself what it is, and needs no profile. */
export async function runNative(
  { robot: url, json, ...args }: DriveArguments,
  request: PlanningRequest,
  signal: AbortSignal,
): Promise<void> {
  const token = process.env['JEPILOT_TOKEN'];
  const arm = args.arm && !args.check;
  const end = await driveNative({ ...args, url, token, arm, request, signal, typed$: typed$(process.stdin) });
  const { state, reason, plans, planMs, overheadMs, lost } = end;
  const ms = (value: number | undefined) => value?.toFixed(1) ?? '–';
  process.stderr.write(
    `plans: ${plans}, p50 ${ms(planMs?.p50)} p99 ${ms(planMs?.p99)} ms, overhead p99 ${ms(overheadMs?.p99)} ms\n`,
  );
  if (json) process.stdout.write(`${toJson(end)}\n`);
  else
    process.stdout.write(
      `${reason}${arm || args.check ? '' : ' (dry run: the robot was never told to start)'}\n`,
    );
  if (lost) process.exitCode = 4;
  else if (state === 'stopped' || state === 'estop') process.exitCode = signal.aborted ? 130 : 5;
}
