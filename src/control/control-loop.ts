import { filter, finalize, from, map, NEVER, type Observable, ReplaySubject, Subject, switchMap } from 'rxjs';
import { reasonOf } from '../errors.ts';
import type { Plan } from '../planning/plan.ts';
import type { Goal, Policy } from '../planning/policy.ts';
import { CadenceLog, type CadenceReport } from './cadence.ts';
import { control$, type ControlEvent, type ControlOptions } from './control-stream.ts';
import type { Command } from './core.ts';
import { noCounts } from './counters.ts';
import type { CoreState, Stop } from './state.ts';
import type { Tick } from './tick.ts';

export interface ControlLoopOptions extends Omit<ControlOptions, 'policy' | 'budget' | 'commands$'> {
  readonly policy: Policy;
  readonly goal: Goal;
  readonly seed: number;
  /** Iterations a plan may take. */
  readonly iterations: number;
  /** Seconds of wall time a plan may take. */
  readonly deadlineSeconds?: number;
  readonly commands$?: Observable<Command>;
}

/** How a run went. */
export interface ControlReport {
  readonly stop: Stop;
  readonly cadence: CadenceReport;
}

/** A run in real time. The streams are hot, complete when it ends, and never error. */
export interface ControlLoop extends AsyncDisposable {
  readonly tick$: Observable<Tick>;
  readonly plan$: Observable<Plan>;
  /** After every event. */
  readonly state$: Observable<CoreState>;
  /** All of it, in order, planning failures and the end included. */
  readonly event$: Observable<ControlEvent>;
  /** Resolves at the end, whatever ended the run (`stop.cause` tells); rejects only if the policy's reset fails. */
  readonly done: Promise<ControlReport>;
  /** The cadence so far. */
  report(): CadenceReport;
  /** Sends a hold at once, then stops the robot. */
  stop(reason: string): void;
}

/** Keeps what a report needs as the events pass. */
class RunLog {
  readonly #cadence: CadenceLog;
  #counters = noCounts;
  #stop: Stop = { cause: 'ended', reason: 'the run ended' };

  constructor(period: number) {
    this.#cadence = new CadenceLog(period);
  }

  take(event: ControlEvent): void {
    if (event.kind === 'tick' && event.clock) this.#cadence.tick(event.tick, event.clock);
    if (event.kind === 'plan') this.#cadence.plan(event.plan, event.waited);
    if (event.kind === 'state') this.#counters = event.state.counters;
    if (event.kind === 'ended') this.#stop = event.stop;
  }

  cadence(): CadenceReport {
    return this.#cadence.report(this.#counters);
  }

  report(): ControlReport {
    return { stop: this.#stop, cadence: this.cadence() };
  }
}

/** Resets the policy, then runs; orders given meanwhile wait. */
function run$(options: ControlLoopOptions, orders$: ReplaySubject<Command>): Observable<ControlEvent> {
  const { policy, seed, goal, iterations, deadlineSeconds } = options;
  const budget = { iterations, ...(deadlineSeconds === undefined ? {} : { seconds: deadlineSeconds }) };
  const relay = (options.commands$ ?? NEVER).subscribe({
    next: (command) => orders$.next(command),
    error: (error: unknown) => orders$.error(error),
  });
  return from(policy.reset({ seed, goal })).pipe(
    switchMap(() => control$({ ...options, budget, commands$: orders$ })),
    finalize(() => relay.unsubscribe()),
  );
}

/**
 * Starts a run in real time: resets the policy, then ticks the robot by the clock until it is stopped, its episode
 * ends, or planning fails for good. Subscribe to the streams before the present task yields, and nothing is missed.
 * Robot and policy stay the caller's to dispose.
 */
export function controlLoop(options: ControlLoopOptions): ControlLoop {
  const orders$ = new ReplaySubject<Command>();
  const event$ = new Subject<ControlEvent>();
  const log = new RunLog(options.robot.controlPeriod);
  const stop = (reason: string) => orders$.next({ kind: 'stop', reason });
  const done = new Promise<ControlReport>((resolve, reject) => {
    event$.subscribe((event) => log.take(event));
    run$(options, orders$).subscribe({
      next: (event) => event$.next(event),
      error: (error: unknown) => {
        options.robot.stop(reasonOf(error));
        event$.complete();
        reject(error instanceof Error ? error : new Error(reasonOf(error)));
      },
      complete: () => {
        event$.complete();
        resolve(log.report());
      },
    });
  });
  return {
    tick$: event$.pipe(
      filter((event) => event.kind === 'tick'),
      map((event) => event.tick),
    ),
    plan$: event$.pipe(
      filter((event) => event.kind === 'plan'),
      map((event) => event.plan),
    ),
    state$: event$.pipe(
      filter((event) => event.kind === 'state'),
      map((event) => event.state),
    ),
    event$: event$.asObservable(),
    done,
    report: () => log.cadence(),
    stop,
    async [Symbol.asyncDispose]() {
      stop('disposed');
      await done.catch(() => undefined);
    },
  };
}
