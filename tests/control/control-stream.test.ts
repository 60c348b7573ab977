import { filter, map, NEVER, throwError, timer, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { virtualClock } from '../../src/control/clock.ts';
import { control$, type ControlEvent, type ControlOptions } from '../../src/control/control-stream.ts';
import type { Command } from '../../src/control/core.ts';
import { JepilotError } from '../../src/errors.ts';
import type { Plan } from '../../src/planning/plan.ts';
import type { PlanRequest } from '../../src/planning/policy.ts';
import { planOf } from '../fakes/plan-of.ts';
import { WatchedRobot } from '../fakes/watched-robot.ts';

// One frame is a millisecond, and a control period is ten.

/** Answers request `n` after `delays[n]` milliseconds with rows of the request's observation step. */
class TimedPolicy {
  readonly window = 1;
  readonly requests: PlanRequest[] = [];
  readonly #delays: readonly number[];
  readonly #rows: number;
  inFlight = 0;
  mostInFlight = 0;

  constructor(delays: readonly number[], rows = 4) {
    this.#delays = delays;
    this.#rows = rows;
  }

  plan(request: PlanRequest): Observable<Plan> {
    const n = this.requests.push(request) - 1;
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    const step = request.observations[0]!.step;
    return timer(this.#delays[n] ?? 1e6).pipe(
      map(() => {
        this.inFlight -= 1;
        return planOf(n, step + request.committed.shape[0]!, new Array<number>(this.#rows).fill(step / 100));
      }),
    );
  }

  get observed(): number[] {
    return this.requests.map((request) => request.observations[0]!.step);
  }
}

const letters = { plan: 'p', tail: 't', hold: 'h' };

/** The ticks of a run, one letter each. */
const sources = (events$: Observable<ControlEvent>): Observable<string> =>
  events$.pipe(
    filter((event) => event.kind === 'tick'),
    map((event) => letters[event.tick.source]),
  );

describe('control$', () => {
  let scheduler: TestScheduler;
  let robot: WatchedRobot;

  beforeEach(() => {
    scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    robot = new WatchedRobot();
  });

  const optionsOf = (
    policy: ControlOptions['policy'],
    commands$: Observable<Command> = NEVER,
  ): ControlOptions => ({
    robot,
    policy,
    config: { latency: 2, replanInterval: 2 },
    budget: { iterations: 1 },
    clock: virtualClock(scheduler),
    commands$,
  });

  /** What the robot was told until `frames` have passed. */
  const watch = (options: ControlOptions, frames: number): string[] => {
    scheduler.run(({ expectObservable }) => expectObservable(control$(options), `${frames}ms !`));
    return robot.log;
  };

  it('has one plan in flight, and the next one starts from the latest observation', () => {
    const policy = new TimedPolicy([35, 15, 8]);
    watch(optionsOf(policy), 79);
    // Asked at 0; answered at 35, when steps 0 to 3 were sent: observation 4 is the latest, not 1.
    expect(policy.observed).toEqual([0, 4, 6, 8]);
    expect(policy.mostInFlight).toBe(1);
  });

  it('never waits for a plan, skips the rows of a late one, runs its tail, then holds', () => {
    const policy = new TimedPolicy([35], 5);
    const log = watch(optionsOf(policy), 79);
    expect(log).toEqual([
      '0:hold:no-plan-yet',
      '1:hold:no-plan-yet',
      '2:hold:no-plan-yet',
      '3:hold:no-plan-yet',
      // Rows of steps 2 to 6: two are past, and from step 4 on the next plan is overdue.
      '4:tail',
      '5:tail',
      '6:tail',
      '7:hold:plan-exhausted',
      '8:hold:stopping',
      'stop: unsubscribed',
    ]);
  });

  it('shows ticks at their beats: plans in time leave no tail', () => {
    const policy = new TimedPolicy(new Array<number>(10).fill(15));
    scheduler.run(({ expectObservable }) => {
      const source$ = sources(control$(optionsOf(policy)));
      expectObservable(source$, '65ms !').toBe('h 9ms h 9ms p 9ms p 9ms p 9ms p 9ms p');
    });
    expect(policy.observed).toEqual([0, 2, 4, 6]);
  });

  it('stops after ten failures in a row: a hold, then the robot stops', () => {
    const policy = { window: 1, plan: () => throwError(() => new JepilotError('provider', 'device lost')) };
    const log = watch(optionsOf(policy), 500);
    expect(log.slice(0, 2)).toEqual(['0:hold:planning-failed', '1:hold:planning-failed']);
    expect(log.slice(-2)).toEqual(['9:hold:stopping', 'stop: planning failed 10 times in a row']);
  });

  it('stops at once on a fatal failure, thrown synchronously', () => {
    const policy = {
      window: 1,
      plan: () => {
        throw new JepilotError('bad-model', 'no encoder');
      },
    };
    expect(watch(optionsOf(policy), 100)).toEqual(['0:hold:stopping', 'stop: planning failed for good']);
  });

  it('holds, then stops the robot and completes, on a stop command', () => {
    scheduler.run(({ cold, expectObservable }) => {
      const commands$ = cold<Command>('14ms s', { s: { kind: 'stop', reason: 'enough' } });
      const source$ = sources(control$(optionsOf(new TimedPolicy([]), commands$)));
      expectObservable(source$).toBe('h 9ms h 3ms (h|)');
    });
    expect(robot.log.slice(-2)).toEqual(['2:hold:stopping', 'stop: enough']);
  });

  it('holds while commanded, and plans anew on resume', () => {
    const policy = new TimedPolicy([1, 1, 1, 1, 1, 1]);
    let log: string[] = [];
    scheduler.run(({ cold, expectObservable }) => {
      const orders = { h: { kind: 'hold' }, r: { kind: 'resume' } } as const;
      const commands$ = cold<Command>('25ms h 19ms r', orders);
      expectObservable(control$(optionsOf(policy, commands$)), '85ms !');
      log = robot.log;
    });
    expect(log.slice(2, 9)).toEqual([
      '2:plan',
      '3:hold:commanded',
      '4:hold:commanded',
      '5:hold:no-plan-yet',
      '6:hold:no-plan-yet',
      '7:plan',
      '8:plan',
    ]);
  });

  it('ends with the robot, without another tick', () => {
    scheduler.run(({ cold, expectObservable }) => {
      cold('15ms x').subscribe(() => robot.observation$.complete());
      const source$ = sources(control$(optionsOf(new TimedPolicy([]))));
      expectObservable(source$).toBe('h 9ms h 4ms |');
    });
    expect(robot.log.slice(-2)).toEqual(['1:hold:no-plan-yet', 'stop: the robot ended']);
  });

  it('ends where the robot refuses an action', () => {
    robot.send = () => {
      throw new JepilotError('out-of-range', 'too far');
    };
    expect(watch(optionsOf(new TimedPolicy([])), 100)).toEqual(['stop: too far']);
  });
});
