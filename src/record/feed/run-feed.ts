import { Subject, type Observable } from 'rxjs';
import { CadenceLog } from '../../control/cadence.ts';
import type { ControlEvent } from '../../control/control-stream.ts';
import { noCounts, type Counters } from '../../control/counters.ts';
import type { Tick } from '../../control/tick.ts';
import type { TimeStep } from '../../env/environment.ts';
import type { Observation } from '../../env/observation.ts';
import { reasonOf } from '../../errors.ts';
import type { Plan } from '../../planning/plan.ts';
import type { Bodies } from './bodies.ts';
import type { ChannelKind, Topic } from './channels.ts';
import { actionBody, linkBody, planBody, stateBody, tickBody } from './of-run.ts';
import type { FeedMessage } from './message.ts';

export interface RunFeedOptions {
  readonly stateNames: readonly string[];
  /** Seconds per control step. */
  readonly controlPeriod: number;
  readonly seed: number;
  /** Seconds since the feed's beginning. */
  readonly now: () => number;
  /** The same at the episode's second 0, where an observation's own time begins; 0 by default. */
  readonly origin?: number;
}

/** Seconds that one message on `/link/stats` is about. */
const LINK_SECONDS = 1;

/**
 * Turns what happens in a run into messages for recordings and viewers. It watches: nothing here can hold the run up or
 * change it. One episode.
 */
export class RunFeed {
  readonly message$: Observable<FeedMessage>;
  readonly #messages$ = new Subject<FeedMessage>();
  readonly #options: RunFeedOptions;
  #step = 0;
  #hold: { readonly reason: string; readonly since: number } | null = null;
  /** Sent, and not yet seen to be executed. */
  #pending: Tick[] = [];
  #cadence: CadenceLog;
  #cadenceSince = 0;
  #counters: Counters = noCounts;

  constructor(options: RunFeedOptions) {
    this.#options = options;
    this.#cadence = new CadenceLog(options.controlPeriod);
    this.message$ = this.#messages$.asObservable();
  }

  /** What is to be reached from here on. */
  goal(observation: Observation): void {
    this.#look('/goal', observation, this.#step, this.#options.now());
  }

  observation(observation: Observation): void {
    this.#step = observation.step;
    this.#look('/obs', observation, observation.step, this.#source(observation.time));
    this.#tellExecuted(this.#source(observation.time));
  }

  /** An observation of a simulator, which also knows how far the goal is. */
  timeStep({ observation, distance, success }: TimeStep, judged = true): void {
    this.observation(observation);
    if (judged)
      this.#emit('progress', '/task/progress', observation.step, this.#source(observation.time), {
        distance,
        success,
      });
  }

  tick(tick: Tick): void {
    const { step, planned } = tick;
    const time = this.#source(tick.time);
    if (planned) this.#emit('action', '/action/planned', step, time, actionBody(planned));
    this.#emit('action', '/action/sent', step, time, tickBody(tick));
    this.#pending.push(tick);
    // A simulator has executed a tick before anybody hears of it.
    this.#tellExecuted(time);
    this.#watchHold(tick);
  }

  /** @param observedStep - control step of the observation that the plan was made from */
  plan(plan: Plan, observedStep: number): void {
    const { now, seed } = this.#options;
    this.#emit('plan', '/plan/summary', observedStep, now(), planBody(plan, seed));
  }

  /** Everything else that a control loop tells; its ticks and plans come by `tick` and `plan`. */
  control(event: ControlEvent): void {
    if (event.kind === 'tick' && event.clock) this.#cadence.tick(event.tick, event.clock);
    if (event.kind === 'plan') this.#cadence.plan(event.plan, event.waited);
    if (event.kind === 'state') this.#counters = event.state.counters;
    if (event.kind === 'failed')
      this.event({ kind: 'failed', reason: 'planning', detail: reasonOf(event.error) });
    if (event.kind === 'ended')
      this.event({ kind: 'ended', reason: event.stop.cause, detail: event.stop.reason });
    this.#watchLink(event.kind === 'ended');
  }

  /** Notes an event at the present step. */
  event(body: Bodies['event']): void {
    this.#tell(this.#step, body);
  }

  /** No message comes after this. */
  end(): void {
    this.#messages$.complete();
  }

  /** A link that is measured elsewhere than in a control loop here. */
  link(body: Bodies['link']): void {
    this.#emit('link', '/link/stats', this.#step, this.#options.now(), body);
  }

  #source(episodeTime: number): number {
    return (this.#options.origin ?? 0) + episodeTime;
  }

  #look(place: '/obs' | '/goal', observation: Observation, step: number, sourceTime: number): void {
    const { stateNames } = this.#options;
    this.#emit('state', `${place}/state`, step, sourceTime, stateBody(stateNames, observation.state));
    const time = this.#options.now();
    for (const [camera, image] of Object.entries(observation.images)) {
      const topic: Topic = `${place}/image/${camera}`;
      this.#messages$.next({ kind: 'image', topic, step, time, sourceTime, camera, image });
    }
  }

  #tell(step: number, body: Bodies['event']): void {
    this.#emit('event', '/safety/events', step, this.#options.now(), body);
  }

  /** An observation of a later step shows that an action was executed. */
  #tellExecuted(sourceTime: number): void {
    const executed = this.#pending.filter(({ step }) => step < this.#step);
    this.#pending = this.#pending.filter(({ step }) => step >= this.#step);
    for (const { step, sent } of executed)
      this.#emit('action', '/action/executed', step, sourceTime, actionBody(sent));
  }

  #watchHold({ step, source, reason }: Tick): void {
    const holds = source === 'hold' ? (reason ?? 'unknown') : null;
    if (holds === (this.#hold?.reason ?? null)) return;
    if (this.#hold)
      this.#tell(step, { kind: 'go', reason: this.#hold.reason, count: step - this.#hold.since });
    this.#hold = holds === null ? null : { reason: holds, since: step };
    if (holds !== null) this.#tell(step, { kind: 'hold', reason: holds });
  }

  #watchLink(last: boolean): void {
    const now = this.#options.now();
    if (!last && now - this.#cadenceSince < LINK_SECONDS) return;
    const report = this.#cadence.report(this.#counters);
    if (report.latenessMs) this.#emit('link', '/link/stats', this.#step, now, linkBody(report));
    this.#cadence = new CadenceLog(this.#options.controlPeriod);
    this.#cadenceSince = now;
  }

  #emit<K extends Exclude<ChannelKind, 'image'>>(
    kind: K,
    topic: Topic,
    step: number,
    sourceTime: number,
    body: Bodies[K],
  ): void {
    const time = this.#options.now();
    // The compiler cannot see that kind and body belong together once K is a parameter.
    this.#messages$.next({ kind, topic, step, time, sourceTime, body } as FeedMessage);
  }
}
