import { Subject, type Observable } from 'rxjs';
import { quantilesOf } from '../control/cadence.ts';
import type { Tick } from '../control/tick.ts';
import type { Goal } from '../planning/policy.ts';
import type { FeedMessage } from '../record/feed/message.ts';
import { RunFeed } from '../record/feed/run-feed.ts';
import type { PlanTiming, StampedEvent } from './events.ts';
import type { SessionInfo } from './sessions.ts';

/** Seconds that one message on `/link/stats` is about. */
const LINK_SECONDS = 1;

/** A session as messages for viewers and recordings: what a run shows of itself, seen from the server. */
export class SessionFeed {
  readonly message$: Observable<FeedMessage>;
  readonly #messages$ = new Subject<FeedMessage>();
  readonly #info: SessionInfo;
  readonly #now: () => number;
  #feed: RunFeed;
  #robot = '';
  #ticks = { plan: 0, tail: 0, hold: 0, clamped: 0 };
  #counts = { plans: 0, failures: 0 };
  #timings: PlanTiming[] = [];
  #timedSince: number;

  /** @param now - seconds of the server's clock, which the messages' times are of */
  constructor(info: SessionInfo, now: () => number) {
    this.#info = info;
    this.#now = now;
    this.#timedSince = now();
    this.message$ = this.#messages$.asObservable();
    this.#feed = this.#begin(0);
  }

  /** Takes in an event of this session. */
  take(event: StampedEvent): void {
    switch (event.kind) {
      case 'reset': {
        this.#feed = this.#begin(event.seed);
        this.#feed.event({ kind: 'reset', detail: `seed ${event.seed}` });
        this.#goal(event.goal);
        return;
      }
      case 'goal': {
        this.#goal(event.goal);
        return;
      }
      case 'observed': {
        this.#feed.observation(event.observation);
        return;
      }
      case 'planned': {
        this.#counts.plans += 1;
        this.#feed.plan(event.plan, event.step);
        if (event.reached)
          this.#feed.event({ kind: 'reached', detail: 'the model says that the goal is reached' });
        return;
      }
      case 'tick': {
        this.#tick(event.tick);
        return;
      }
      case 'delivered': {
        this.#deliver(event.timing);
        return;
      }
      case 'failed': {
        this.#counts.failures += 1;
        this.#feed.event({ kind: 'failed', reason: 'planning', detail: event.error.message });
        return;
      }
      case 'robot': {
        this.#report(event.report.state, event.report.link, event.report.reason);
        return;
      }
      case 'order': {
        this.#feed.event({ kind: 'order', reason: event.order, detail: `by ${event.by}` });
        return;
      }
      case 'closed': {
        this.#feed.event({ kind: 'ended', reason: 'closed', detail: event.reason });
        this.#messages$.complete();
        return;
      }
      default:
        return;
    }
  }

  #begin(seed: number): RunFeed {
    const { stateNames, controlPeriod } = this.#info;
    const origin = this.#now();
    const feed = new RunFeed({ stateNames, controlPeriod, seed, now: this.#now, origin });
    feed.message$.subscribe((message) => this.#messages$.next(message));
    return feed;
  }

  #goal(goal: Goal): void {
    if (goal.kind === 'observation') this.#feed.goal(goal.value);
    else this.#feed.event({ kind: 'goal', detail: 'a latent' });
  }

  #tick(tick: Tick): void {
    this.#ticks[tick.source] += 1;
    if (tick.clamped) this.#ticks.clamped += 1;
    this.#feed.tick(tick);
  }

  /** A robot tells its state again and again; only changes are events. */
  #report(state: string, link: string, reason: string | undefined): void {
    const told = `${state}, link ${link}`;
    if (told === this.#robot) return;
    this.#robot = told;
    this.#feed.event({
      kind: 'robot',
      reason: state,
      detail: reason === undefined ? told : `${told}: ${reason}`,
    });
  }

  #deliver(timing: PlanTiming): void {
    this.#timings.push(timing);
    const now = this.#now();
    if (now - this.#timedSince < LINK_SECONDS) return;
    const of = (name: keyof PlanTiming) => quantilesOf(this.#timings.map((each) => each[name]));
    const [planMs, queueMs, overheadMs] = [of('planMs'), of('queueMs'), of('overheadMs')];
    const { tail, hold, clamped } = this.#ticks;
    this.#feed.link({
      targetHz: 1 / this.#info.controlPeriod,
      ...(planMs && { planMs }),
      ...(queueMs && { queueMs }),
      ...(overheadMs && { overheadMs }),
      ...this.#counts,
      latePlans: 0,
      droppedPlans: 0,
      tails: tail,
      holds: hold,
      clamps: clamped,
    });
    this.#timings = [];
    this.#timedSince = now;
  }
}
