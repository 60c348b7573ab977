import type { Privileged } from '../env/privileged.ts';
import {
  catchError,
  concat,
  defer,
  distinctUntilChanged,
  filter,
  finalize,
  map,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  type ObservableInput,
  observeOn,
  of,
  queueScheduler,
  Subject,
  take,
  takeWhile,
} from 'rxjs';
import { reasonOf } from '../errors.ts';
import type { Plan } from '../planning/plan.ts';
import type { PlanBudget, PlanRequest } from '../planning/policy.ts';
import type { Robot } from '../robot/robot.ts';
import type { Clock, ClockTick } from './clock.ts';
import { reduce, type Command, type CoreEvent, type LinkSignal } from './core.ts';
import { failureOf } from './failure.ts';
import { nextRequest, type Ask } from './request.ts';
import { coreSafety, type SafetyOptions } from './safety.ts';
import { initialState, type CoreConfig, type CoreState, type Stop } from './state.ts';
import type { Tick } from './tick.ts';

/** What a run in real time shows. The last event is `ended`. */
export type ControlEvent =
  /** `clock` is null for the hold that ends a run: it does not wait for its beat. */
  | { readonly kind: 'tick'; readonly tick: Tick; readonly clock: ClockTick | null }
  /** `waited`: seconds since it was asked for. */
  | { readonly kind: 'plan'; readonly plan: Plan; readonly waited: number | null }
  | { readonly kind: 'failed'; readonly fatal: boolean; readonly error: unknown }
  | { readonly kind: 'state'; readonly state: CoreState }
  | { readonly kind: 'ended'; readonly stop: Stop };

/** The part of a policy that a run needs. */
export interface Planning {
  readonly window: number;
  readonly privileged?: true;
  plan(request: PlanRequest): ObservableInput<Plan>;
}

export interface ControlOptions {
  readonly robot: Robot;
  readonly policy: Planning;
  /** Latency and replan interval, in control steps. */
  readonly config: Pick<CoreConfig, 'latency' | 'replanInterval' | 'initialCommand' | 'vigilance'>;
  readonly budget: PlanBudget;
  readonly clock: Clock;
  readonly commands$: Observable<Command>;
  /** The safety envelope; a simulated task's by default. */
  readonly safety?: SafetyOptions;
  /** What the link to the planning end tells; for supervised robots. */
  readonly link$?: Observable<LinkSignal>;
  /** What only a simulator can tell, for privileged policies. */
  readonly privileged?: () => Privileged;
}

/** An event for the core, with the beat that it came with. */
interface Input {
  readonly event: CoreEvent;
  readonly clock?: ClockTick;
}

/** One run: carries events to the core, and what the core wants to the robot and to the policy. */
class ControlSession {
  readonly asks$ = new Subject<Ask>();
  readonly #options: ControlOptions;
  readonly #config: CoreConfig;
  readonly #start: number;
  #state: CoreState;
  #closed = false;
  #askedAt: number | null = null;

  constructor(options: ControlOptions) {
    this.#options = options;
    const { robot, policy, config, clock, safety } = options;
    const { actionSpec, controlPeriod } = robot;
    const envelope = coreSafety(actionSpec, controlPeriod, safety);
    this.#config = { ...config, actionSpec, window: policy.window, safety: envelope };
    this.#state = initialState(this.#config);
    this.#start = clock.now();
  }

  /** All that can happen, in the order in which it happens. */
  inputs$(): Observable<Input> {
    const { robot, clock, commands$, link$ = NEVER } = this.#options;
    const ended = (stop: Stop): Observable<CoreEvent> => of({ kind: 'ended', stop });
    const observations$ = concat(
      robot.observation$.pipe(map((observation): CoreEvent => ({ kind: 'observation', observation }))),
      ended({ cause: 'ended', reason: 'the robot ended' }),
    ).pipe(
      catchError((error: unknown) =>
        ended({ cause: 'failed', reason: `robot lost: ${reasonOf(error)}`, error }),
      ),
    );
    const orders$ = commands$.pipe(
      map((command): CoreEvent => ({ kind: 'command', command })),
      catchError((error: unknown) =>
        ended({ cause: 'failed', reason: `commands lost: ${reasonOf(error)}`, error }),
      ),
    );
    const stops$ = robot.status$.pipe(
      map(({ emergencyStop }) => emergencyStop),
      distinctUntilChanged(),
      filter((pressed) => pressed),
      map((): CoreEvent => ({ kind: 'command', command: { kind: 'estop' } })),
    );
    const signals$ = link$.pipe(map((signal): CoreEvent => ({ kind: 'link', signal })));
    const plans$ = this.asks$.pipe(mergeMap((ask) => this.#answer$(ask)));
    const beats$ = clock
      .ticks$(robot.controlPeriod)
      .pipe(map((beat): Input => ({ event: { kind: 'tick' }, clock: beat })));
    return merge(
      merge(stops$, signals$, plans$, orders$, observations$).pipe(map((event): Input => ({ event }))),
      beats$,
    );
  }

  /** Everything that one input leads to. */
  accept({ event, clock }: Input): ControlEvent[] {
    if (this.#closed) return [];
    const { stop } = this.#state;
    const shown = this.#step(event, clock ?? null);
    // The hold that a stop begins with does not wait for the next beat.
    const stops = !stop && this.#state.phase === 'stopping';
    if (stops) shown.push(...this.#step({ kind: 'tick' }, null));
    const ask = nextRequest(this.#config, this.#state);
    if (ask) shown.push(...this.#step({ kind: 'asked', ask }, null));
    shown.push({ kind: 'state', state: this.#state });
    if (this.#state.phase === 'stopped') shown.push(...this.#close());
    if (!ask) return shown;
    this.#askedAt = this.#options.clock.now();
    this.asks$.next(ask);
    return shown;
  }

  /** A hold, and the robot's own stop, unless the run has ended already. */
  abandon(): void {
    this.accept({ event: { kind: 'command', command: { kind: 'stop', reason: 'unsubscribed' } } });
    if (!this.#closed) this.#close();
  }

  #step(event: CoreEvent, clock: ClockTick | null): ControlEvent[] {
    try {
      return this.#reduce(event, clock);
    } catch (error) {
      return this.#reduce({ kind: 'ended', stop: { cause: 'failed', reason: reasonOf(error), error } }, null);
    }
  }

  #reduce(event: CoreEvent, clock: ClockTick | null): ControlEvent[] {
    const time = this.#options.clock.now() - this.#start;
    const [state, tick] = reduce(this.#config, this.#state, { ...event, time });
    this.#state = state;
    if (tick) this.#options.robot.send(tick);
    if (tick) return [{ kind: 'tick', tick, clock }];
    if (event.kind === 'plan') return [{ ...event, waited: this.#waited() }];
    return event.kind === 'failed' ? [event] : [];
  }

  #waited(): number | null {
    return this.#askedAt === null ? null : this.#options.clock.now() - this.#askedAt;
  }

  #close(): ControlEvent[] {
    this.#closed = true;
    const stop = this.#state.stop ?? { cause: 'ended', reason: 'the robot ended' };
    this.#options.robot.stop(stop.reason);
    return [{ kind: 'ended', stop }];
  }

  #answer$({ observations, executed, committed, epoch }: Ask): Observable<CoreEvent> {
    const { policy, budget, privileged } = this.#options;
    return defer(() => {
      const truth = policy.privileged && privileged ? { privileged: privileged() } : {};
      return policy.plan({ observations, executed, committed, epoch, budget, ...truth });
    }).pipe(
      take(1),
      map((plan): CoreEvent => ({ kind: 'plan', plan })),
      catchError((error: unknown) => of(failureOf(error))),
    );
  }
}

/**
 * Runs a policy on a robot from subscription on: RxJS around the control core. Cold. The clock never waits for a plan.
 * Completes after `ended`; unsubscribing before sends a hold, then stops the robot.
 * Never errors: what throws (the robot, the policy) ends the run, and `ended` tells.
 */
export const control$ = (options: ControlOptions): Observable<ControlEvent> =>
  defer(() => {
    const session = new ControlSession(options);
    return session.inputs$().pipe(
      // A robot may answer within `send`: its observation waits until the tick is done.
      observeOn(queueScheduler),
      mergeMap((input) => session.accept(input)),
      takeWhile((event) => event.kind !== 'ended', true),
      finalize(() => session.abandon()),
    );
  });
