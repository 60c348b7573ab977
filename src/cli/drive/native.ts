import { EMPTY, filter, firstValueFrom, from, map, merge, Subject, take } from 'rxjs';
import type { Command } from '../../control/core.ts';
import type { Observable } from 'rxjs';
import { JepilotError } from '../../errors.ts';
import { defaultLimits } from '../../safety/limits.ts';
import type { Order, ServeEvent } from '../../serve/events.ts';
import { PlannerEnd } from '../../serve/robot/planner-end.ts';
import { sessionList } from '../../serve/session-list.ts';
import type { PlanningSession, SessionRequest } from '../../serve/sessions.ts';
import type { TaskService } from '../../serve/task-service.ts';
import { ROBOT_MAX_PAYLOAD, ROBOT_SUBPROTOCOL } from '../../wire/robot-messages.ts';
import { RobotPeer } from '../../wire/robot-peer.ts';
import { dial, realPulse } from '../../wire/web-socket-channel.ts';
import type { PlanningRequest } from '../planning.ts';
import { taskServices } from '../serve/services.ts';
import { NativeLines, type NativeEnd } from './native-lines.ts';

/** A robot that speaks JEPilot's own protocol, and how it is driven. */
export interface NativeDrive {
  readonly url: string;
  readonly token: string | undefined;
  /** False: plans are made and shown, and the robot is never told to start. */
  readonly arm: boolean;
  readonly request: PlanningRequest;
  readonly signal: AbortSignal;
  readonly typed$: Observable<Command>;
}

const limits = {
  sessions: 1,
  connections: 1,
  upgradesPerSecond: 1,
  bufferedBytes: 1 << 16,
  iterationsFactor: 8,
};

/** What a person at the keyboard asks, as an order to the robot end, which owns the envelope. */
const orderOf = ({ kind }: Command): Order | null =>
  kind === 'hold' ? 'pause' : kind === 'resume' ? 'start' : kind === 'stop' ? null : kind;

/** The one session of a drive: its engines start when the robot has said which task it is. */
class NativeSession implements AsyncDisposable {
  readonly event$ = new Subject<ServeEvent>();
  readonly #request: PlanningRequest;
  #services: readonly TaskService[] = [];
  session: PlanningSession | null = null;

  constructor(request: PlanningRequest) {
    this.#request = request;
  }

  async open(
    url: string,
    request: Pick<SessionRequest, 'robot' | 'task' | 'settings'>,
  ): Promise<PlanningSession> {
    const { task } = request;
    if (task === undefined)
      throw new JepilotError('refused', `the robot at ${url} does not say which task it is`);
    const emit = (event: ServeEvent) => this.event$.next(event);
    const now = () => performance.now() / 1000;
    this.#services = await taskServices({ tasks: [task], request: this.#request, engines: 1, emit, now });
    await Promise.all(this.#services.flatMap(({ slots }) => slots.map((slot) => slot.start())));
    const findFrame = () =>
      Promise.reject(new JepilotError('invalid-value', 'a drive has no recordings to take a goal from'));
    const sessions = sessionList({ services: this.#services, limits, emit, findFrame });
    this.session = await sessions.open({ ...request, protocol: 'robot', peer: url });
    return this.session;
  }

  order(order: Order): void {
    this.session?.order(order, 'drive');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session?.close('the drive ended');
    await Promise.all(
      this.#services.flatMap(({ slots }) => slots.map((slot) => slot[Symbol.asyncDispose]())),
    );
  }
}

/** Arms and starts the robot once, as soon as it is ready: it refuses until it is. Never again by itself. */
function armOnce(native: NativeSession): { unsubscribe(): void } {
  let started = false;
  const states$ = native.event$.pipe(filter((event) => event.kind === 'robot'));
  const again = setInterval(() => {
    if (!started) native.order('arm');
  }, 300);
  const subscription = states$.subscribe(({ report }) => {
    if (report.state === 'armed' && !started) {
      started = true;
      native.order('start');
    }
  });
  return {
    unsubscribe() {
      clearInterval(again);
      subscription.unsubscribe();
    },
  };
}

/** Plans here for a robot end that waits for it: the robot keeps its clock, its envelope and its last word. */
export async function driveNative({
  url,
  token,
  arm,
  request,
  signal,
  typed$,
}: NativeDrive): Promise<NativeEnd> {
  const channel = await dial({
    url,
    subprotocol: ROBOT_SUBPROTOCOL,
    maxPayload: ROBOT_MAX_PAYLOAD,
    token,
    timeout: 5,
  });
  await using native = new NativeSession(request);
  const lines = new NativeLines(arm);
  native.event$.subscribe((event) => lines.take(event));
  const { heartbeat, observationAge } = defaultLimits;
  new PlannerEnd({
    peer: new RobotPeer(channel, realPulse),
    pulse: realPulse,
    heartbeat,
    observationAge,
    bufferedBytes: limits.bufferedBytes,
    open: (wanted) => native.open(url, wanted),
    onDelivered: (session, planId, timing) =>
      native.event$.next({ kind: 'delivered', session, planId, timing }),
    onDropped: (what, reason) => lines.dropped(what, reason),
  });
  const arming = arm ? armOnce(native) : null;
  const orders = typed$.subscribe((command) => {
    const order = orderOf(command);
    if (order) native.order(order);
    else channel.close(1000, 'quit');
  });
  const aborted$ = new Subject<void>();
  signal.addEventListener('abort', () => aborted$.next());
  const ended$ = merge(
    from(channel.ended).pipe(map(({ code, reason }) => ({ code, reason }))),
    signal.aborted ? from([{ code: 1000, reason: 'interrupted' }]) : EMPTY,
    aborted$.pipe(map(() => ({ code: 1000, reason: 'interrupted' }))),
  );
  const how = await firstValueFrom(ended$.pipe(take(1)));
  arming?.unsubscribe();
  orders.unsubscribe();
  // A robot that is told nothing more holds by itself; one that hears it holds at once.
  native.order('pause');
  channel.close(1000, 'the drive ended');
  return lines.end(how);
}
