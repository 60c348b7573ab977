import { defer, EMPTY, from, merge, Subject, type Observable } from 'rxjs';
import type { LinkSignal } from '../../control/core.ts';
import type { Tick } from '../../control/tick.ts';
import { JepilotError, reasonOf } from '../../errors.ts';
import type { Plan } from '../../planning/plan.ts';
import type { Goal, PlanRequest, Policy } from '../../planning/policy.ts';
import type { Channel, Pulse } from '../../wire/channel.ts';
import { ndarrayFrom } from '../../wire/ndarray.ts';
import { frameOf } from '../../wire/robot-conversions.ts';
import type { MessageOf } from '../../wire/robot-messages.ts';
import type { Verdict } from './judge-chunk.ts';
import { goalToWire, planOf } from './messages.ts';
import { SentRows } from './sent-rows.ts';
import { RobotSession, type Introduction, type OrderMessage } from './robot-session.ts';

export interface RemotePlannerOptions {
  /** Opens a connection; called anew for every session. */
  readonly connect: () => Promise<Channel>;
  readonly robot: Introduction;
  readonly pulse: Pulse;
  /** Seconds that the planning end may take for a welcome or an acknowledgement. */
  readonly timeout: number;
  /** Seconds after which a plan is given up and asked for anew. */
  readonly planTimeout: number;
  /** After a lost link, seconds between attempts to begin a new session; none where left out. */
  readonly reconnect?: number | undefined;
}

/** What a link has been through. */
export interface LinkCounts {
  readonly sessions: number;
  readonly chunks: Readonly<Record<Verdict, number>>;
  readonly corrupt: number;
  readonly repeated: number;
  readonly lost: number;
}

const noVerdicts: Record<Verdict, number> = {
  accepted: 0,
  stale: 0,
  epoch: 0,
  'not-finite': 0,
  shape: 0,
  prefix: 0,
  done: 0,
  ignored: 0,
};

/** A policy at the other end of the robot protocol. It outlives its sessions: a new one begins like the first. */
export class RemotePlanner implements Policy {
  readonly name: string;
  readonly window: number;
  readonly replanInterval: number;
  readonly iterations: number;
  /** Orders of people at the planning end. */
  readonly order$: Observable<OrderMessage>;
  /** The model took the present for the goal; with goals that wait, the next one is planned for from then on. */
  readonly reached$: Observable<void>;
  /** Sessions that ended or began, in words. */
  readonly news$: Observable<string>;
  /** Beats, sessions, losses: what the guard hears. Begins with `up` where a session is open. */
  readonly signal$: Observable<LinkSignal> = defer(() =>
    merge(this.#session ? from<LinkSignal[]>(['up', 'beat']) : EMPTY, this.#signals$),
  );
  readonly #options: RemotePlannerOptions;
  readonly #signals$ = new Subject<LinkSignal>();
  readonly #orders$ = new Subject<OrderMessage>();
  readonly #news$ = new Subject<string>();
  readonly #reached$ = new Subject<void>();
  readonly #chunks = { ...noVerdicts };
  readonly #ended: RobotSession[] = [];
  #session: RobotSession | null;
  #episode: { readonly seed: number; readonly goal: Goal } | null = null;
  #closed = false;
  #further: readonly Goal[] = [];
  #firstEpoch = 0;
  #latestEpoch = -1;
  #sentRows = new SentRows();

  private constructor(options: RemotePlannerOptions, session: RobotSession) {
    this.#options = options;
    this.#session = session;
    const { planner, window, replanInterval, iterations } = session.welcome;
    this.name = planner;
    this.window = window;
    this.replanInterval = replanInterval;
    this.iterations = iterations;
    this.order$ = this.#orders$.asObservable();
    this.news$ = this.#news$.asObservable();
    this.reached$ = this.#reached$.asObservable();
    this.#watch(session);
  }

  /** Begins the first session. Rejects with `link` or `refused`. */
  static async open(options: RemotePlannerOptions): Promise<RemotePlanner> {
    return new RemotePlanner(options, await openSession(options));
  }

  /** Of the present session; null between two. */
  get welcome(): MessageOf<'welcome'> | null {
    return this.#session?.welcome ?? null;
  }

  /** Seconds of the last round trip. */
  get roundTrip(): number | null {
    return this.#session?.peer.roundTrip ?? null;
  }

  get counts(): LinkCounts {
    const sessions = this.#session ? [...this.#ended, this.#session] : this.#ended;
    const sum = (key: 'corrupt' | 'repeated' | 'lost') =>
      sessions.reduce((total, { peer }) => total + peer.counts[key], 0);
    return {
      sessions: sessions.length,
      chunks: { ...this.#chunks },
      corrupt: sum('corrupt'),
      repeated: sum('repeated'),
      lost: sum('lost'),
    };
  }

  async reset(episode: { seed: number; goal: Goal }): Promise<void> {
    this.#episode = episode;
    // A run counts its epochs from 0; on the wire no epoch comes back.
    this.#firstEpoch = this.#latestEpoch + 1;
    this.#latestEpoch = this.#firstEpoch;
    this.#sentRows = new SentRows();
    await this.#begin(this.#present());
  }

  /** This planner, with goals that wait in every episode until the one before them is reached. */
  withGoals(further: readonly Goal[]): this {
    this.#further = further;
    return this;
  }

  async setGoal(goal: Goal): Promise<void> {
    if (this.#episode) this.#episode = { ...this.#episode, goal };
    const command = { kind: 'goal', goal: goalToWire(goal), when: 'now' } as const;
    await this.#present().command(command, this.#options.timeout);
  }

  async plan({ observations, executed, committed, budget, epoch = 0 }: PlanRequest): Promise<Plan> {
    const { pulse, planTimeout } = this.#options;
    const message = {
      t: 'observation',
      epoch: this.#epoch(epoch),
      time: pulse.now(),
      frames: observations.map(frameOf),
      executed: ndarrayFrom(this.#sentRows.before(observations.at(-1)?.step ?? 0, executed)),
      committed: ndarrayFrom(committed),
      budget: { iterations: budget.iterations, seconds: budget.seconds ?? null },
    } as const;
    const chunk = await this.#present().plan(message, planTimeout);
    if (chunk.reached) this.#reached$.next();
    return planOf(chunk);
  }

  /** Tells the planning end how the envelope stands; what was asked for in an older epoch is given up. */
  state(state: Omit<MessageOf<'state'>, 't' | 'seq'>): void {
    const epoch = this.#epoch(state.epoch);
    this.#session?.voidBefore(epoch);
    this.#session?.state({ ...state, epoch });
  }

  /** Tells the planning end what was executed; between two sessions nobody hears it. */
  tick(tick: Tick): void {
    this.#session?.tick(tick);
  }

  /** An episode is over: all that was executed is told. */
  flush(): void {
    this.#session?.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#session?.[Symbol.dispose]();
    await this.#session?.ended;
  }

  #epoch(ofRun: number): number {
    this.#latestEpoch = Math.max(this.#latestEpoch, this.#firstEpoch + ofRun);
    return this.#firstEpoch + ofRun;
  }

  #present(): RobotSession {
    if (this.#session) return this.#session;
    throw new JepilotError('link', 'no planning end is connected');
  }

  async #begin(session: RobotSession): Promise<void> {
    if (!this.#episode) return;
    const { seed, goal } = this.#episode;
    const { timeout } = this.#options;
    await session.command({ kind: 'episode', seed, goal: goalToWire(goal) }, timeout);
    for (const next of this.#further)
      await session.command({ kind: 'goal', goal: goalToWire(next), when: 'next' }, timeout);
  }

  #watch(session: RobotSession): void {
    session.beat$.subscribe(() => this.#signals$.next('beat'));
    session.order$.subscribe((order) => this.#orders$.next(order));
    session.verdict$.subscribe((verdict) => (this.#chunks[verdict] += 1));
    void session.ended.then(({ code, reason }) => {
      this.#ended.push(session);
      this.#session = null;
      if (this.#closed) return;
      this.#signals$.next('down');
      this.#news$.next(`the link was lost (${code}${reason ? ` ${reason}` : ''})`);
      this.#retry();
    });
  }

  #retry(): void {
    const { reconnect, pulse } = this.#options;
    if (reconnect === undefined || this.#closed) return;
    const wait = pulse.every(reconnect).subscribe(() => {
      wait.unsubscribe();
      void this.#again();
    });
  }

  async #again(): Promise<void> {
    try {
      const session = await openSession(this.#options);
      if (this.#closed) {
        session[Symbol.dispose]();
        return;
      }
      await this.#begin(session);
      this.#session = session;
      this.#watch(session);
      this.#signals$.next('up');
      this.#news$.next(`session ${session.welcome.session} began`);
    } catch (error) {
      this.#news$.next(reasonOf(error));
      this.#retry();
    }
  }
}

const openSession = async ({ connect, robot, pulse, timeout }: RemotePlannerOptions): Promise<RobotSession> =>
  RobotSession.open(await connect(), robot, pulse, timeout);
