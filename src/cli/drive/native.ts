import {
  EMPTY,
  filter,
  firstValueFrom,
  from,
  fromEvent,
  map,
  merge,
  Observable,
  of,
  Subject,
  take,
} from 'rxjs';
import type { Command } from '../../control/core.ts';
import { reasonOf } from '../../errors.ts';
import { defaultLimits } from '../../safety/limits.ts';
import type { Order } from '../../serve/events.ts';
import { PlannerEnd } from '../../serve/robot/planner-end.ts';
import type { Channel, ChannelEnd } from '../../wire/channel.ts';
import { ROBOT_MAX_PAYLOAD, ROBOT_SUBPROTOCOL } from '../../wire/robot-messages.ts';
import { RobotPeer } from '../../wire/robot-peer.ts';
import { dial, realPulse } from '../../wire/web-socket-channel.ts';
import type { PlanningRequest } from '../planning.ts';
import { recordSessions } from '../session-recordings.ts';
import { goalPicture } from './goal.ts';
import { isLost, NativeLines, type NativeEnd } from './native-lines.ts';

import { NativeSession } from './native-session.ts';
import { pause } from './pause.ts';

/** A robot that speaks JEPilot's own protocol, and how it is driven. */
export interface NativeDrive {
  readonly url: string;
  readonly token: string | undefined;
  /** False: plans are made and shown, and the robot is never told to start. */
  readonly arm: boolean;
  /** End with the first plan: all is there. */
  readonly check: boolean;
  /** A picture to be reached in place of the robot's own goals. */
  readonly goal: string | undefined;
  /** Steps with a plan that the robot executes at most. */
  readonly steps: number;
  /** Seconds between attempts to find a lost robot again; it is idle then. Undefined: a lost link is the end. */
  readonly reconnect: number | undefined;
  /** Folder for recordings. */
  readonly record: string | undefined;
  readonly request: PlanningRequest;
  readonly signal: AbortSignal;
  readonly typed$: Observable<Command>;
}

/** What a person at the keyboard asks, as an order to the robot end, which owns the envelope. */
const orderOf = ({ kind }: Command): Order | null =>
  kind === 'hold' ? 'pause' : kind === 'resume' ? 'start' : kind === 'stop' ? null : kind;

/** Milliseconds between requests to arm: a robot refuses until it is ready. */
const ARM_EVERY = 300;

/** Arms and starts the robot once, as soon as it is ready. Never again by itself. */
function armOnce(native: NativeSession): Observable<never> {
  return new Observable(() => {
    const again = setInterval(() => native.order('arm'), ARM_EVERY);
    const subscription = native.event$.subscribe((event) => {
      if (event.kind !== 'robot' || event.report.state !== 'armed') return;
      subscription.unsubscribe();
      clearInterval(again);
      native.order('start');
    });
    return () => {
      clearInterval(again);
      subscription.unsubscribe();
    };
  });
}

/** Plans here for a robot end that waits for it: the robot keeps its clock, its envelope and its last word. */
export async function driveNative(drive: NativeDrive): Promise<NativeEnd> {
  await using native = new NativeSession(drive.request);
  const recordings = recordSessions(native, drive.record ?? null);
  const lines = new NativeLines(drive.arm);
  native.event$.subscribe((event) => lines.take(event));
  try {
    return lines.end(await links(drive, native, lines));
  } finally {
    await recordings?.[Symbol.asyncDispose]();
  }
}

/** One link after another, until one ends otherwise than by breaking. */
async function links(drive: NativeDrive, native: NativeSession, lines: NativeLines): Promise<ChannelEnd> {
  const { signal, reconnect } = drive;
  for (let arming = drive.arm; ; arming = false) {
    const channel = await connect(drive, native.session === null, lines);
    if (!channel) return { code: 1000, reason: 'interrupted' };
    const end = await oneLink(channel, drive, native, lines, arming);
    if (!isLost(end) || reconnect === undefined || signal.aborted) return end;
    // What was armed before the link broke is armed again by a person only.
    lines.lost(end, reconnect);
    await pause(reconnect, signal);
  }
}

/** A link to the robot, tried for again and again where there has been one; null once the drive is interrupted. */
async function connect(
  { url, token, reconnect, signal }: NativeDrive,
  first: boolean,
  lines: NativeLines,
): Promise<Channel | null> {
  const wire = { subprotocol: ROBOT_SUBPROTOCOL, maxPayload: ROBOT_MAX_PAYLOAD };
  while (!signal.aborted) {
    try {
      return await dial({ ...wire, url, token, timeout: 5 });
    } catch (error) {
      if (first || reconnect === undefined) throw error;
      lines.say(reasonOf(error));
      await pause(reconnect, signal);
    }
  }
  return null;
}

/** One session over one link, until it breaks or the drive is over. */
async function oneLink(
  channel: Channel,
  drive: NativeDrive,
  native: NativeSession,
  lines: NativeLines,
  arming: boolean,
): Promise<ChannelEnd> {
  const { heartbeat, observationAge } = defaultLimits;
  new PlannerEnd({
    peer: new RobotPeer(channel, realPulse),
    pulse: realPulse,
    heartbeat,
    observationAge,
    bufferedBytes: native.bufferedBytes,
    open: (wanted) => native.open(drive.url, wanted),
    onDelivered: (session, planId, timing) => native.emit({ kind: 'delivered', session, planId, timing }),
    onDropped: (what, reason) => lines.dropped(what, reason),
  });
  const quit$ = new Subject<ChannelEnd>();
  const watched = [
    ...(arming ? [armOnce(native).subscribe()] : []),
    ...(drive.goal === undefined ? [] : [aimAt(drive.goal, native, (end) => quit$.next(end))]),
    drive.typed$.subscribe((command) => {
      const order = orderOf(command);
      if (order) native.order(order);
      else quit$.next({ code: 1000, reason: 'quit' });
    }),
  ];
  const end = await firstValueFrom(merge(from(channel.ended), quit$, overOf(drive, native)).pipe(take(1)));
  for (const subscription of watched) subscription.unsubscribe();
  // A robot that is told nothing more holds by itself; one that hears it holds at once.
  native.order('pause');
  channel.close(1000, 'the drive ended');
  return end;
}

/** What ends a drive while its link is well. */
function overOf({ signal, check, steps }: NativeDrive, native: NativeSession): Observable<ChannelEnd> {
  const { event$ } = native;
  const interrupted$ = signal.aborted ? of(null) : fromEvent(signal, 'abort');
  const acted$ = event$.pipe(filter(() => native.acted >= steps));
  const planned$ = check ? event$.pipe(filter(({ kind }) => kind === 'delivered')) : EMPTY;
  const ended = (cause$: Observable<unknown>, reason: string) =>
    cause$.pipe(map((): ChannelEnd => ({ code: 1000, reason })));
  return merge(
    ended(interrupted$, 'interrupted'),
    ended(acted$, `${steps} steps`),
    ended(planned$, 'ready to arm'),
  );
}

/** Sets the goal of every episode that the robot begins. */
function aimAt(file: string, native: NativeSession, fail: (end: ChannelEnd) => void) {
  return native.event$.pipe(filter(({ kind }) => kind === 'reset')).subscribe(() => {
    const { session } = native;
    if (!session) return;
    goalPicture(session.info.cameras[0], file)
      .then((value) => session.setGoal({ kind: 'observation', value }, 'now'))
      .catch((error: unknown) => fail({ code: 1011, reason: reasonOf(error) }));
  });
}
