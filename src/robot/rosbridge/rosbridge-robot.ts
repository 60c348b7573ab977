import { BehaviorSubject, map, ReplaySubject, Subject, type Subscription } from 'rxjs';
import type { Tick } from '../../control/tick.ts';
import type { Observation } from '../../env/observation.ts';
import type { ActionSpec } from '../../spec.ts';
import { actionSpecOf } from '../profile/mapping.ts';
import type { Robot, RobotStatus } from '../robot.ts';
import { commandMessage } from '../ros/commands.ts';
import { fieldAt, typeName } from '../ros/types.ts';
import { conditionOf, patience, type Condition } from './condition.ts';
import { CommandEcho } from './echo.ts';
import type { LinkReport, RosbridgeRobotOptions, ShownCommand } from './link.ts';
import { Senses, type Sensed } from './senses.ts';

/** Seconds between looks at the link. */
const LOOK = 0.05;

/** Seconds that a bridge may take until its first answer. */
const GRACE = 2;

/**
 * A robot behind rosbridge v2, seen through its profile. This end owns the clock: an observation belongs to the control
 * step nearest to the time of its picture. It takes commands once `arm` has shown that they arrive, and never again
 * after it was lost or stopped.
 */
export class RosbridgeRobot implements Robot {
  readonly name: string;
  readonly actionSpec: ActionSpec;
  readonly controlPeriod: number;
  readonly observation$ = new ReplaySubject<Observation>(1);
  readonly status$;
  readonly condition$ = new BehaviorSubject<Condition>({ kind: 'stale', reason: 'nothing heard yet' });
  /** Each time that the bridge shows that it hears us. */
  readonly beat$ = new Subject<void>();
  readonly command$ = new Subject<ShownCommand>();
  readonly #options: RosbridgeRobotOptions;
  readonly #senses: Senses;
  readonly #echo: CommandEcho;
  readonly #answers: number[] = [];
  readonly #subscriptions: Subscription[] = [];
  readonly #began: number;
  #armed = false;
  #step = 0;
  #sentAt: number | null = null;
  #answeredAt: number;
  #staleSince: number | null = null;
  #ended: string | null = null;
  #emergency: string | null = null;
  #foreign = 0;
  #complete = false;
  #stopped = false;

  constructor(options: RosbridgeRobotOptions) {
    const { connection, profile, clock } = options;
    this.#options = options;
    this.name = profile.name;
    this.actionSpec = actionSpecOf(profile);
    this.controlPeriod = 1 / profile.rate;
    this.#began = clock.now();
    this.#answeredAt = this.#began + GRACE;
    this.#senses = new Senses(profile, connection.message$, () => clock.now());
    this.#echo = new CommandEcho(profile.action);
    this.status$ = this.condition$.pipe(map((condition) => this.#status(condition)));
    this.#listen();
  }

  /** The state [n] as last told, in the profile's order; null before all of it was. */
  get state(): Float32Array | null {
    return this.#senses.state();
  }

  /** Puts commands on the wire from here on, holds included; dry robots stay dry. */
  arm(): void {
    const { connection, profile, live } = this.#options;
    if (!live || this.#stopped) return;
    connection.advertise(profile.action.topic, typeName(profile.ros, profile.action.type));
    this.#armed = true;
  }

  /** A command has come back: what is published arrives. */
  get proven(): boolean {
    return this.#echo.seconds.length > 0;
  }

  send(tick: Tick): void {
    if (this.#stopped) return;
    this.#sentAt = this.#options.clock.now();
    this.#step = tick.step + 1;
    this.#command(tick);
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#armed = false;
    this.condition$.next(this.condition$.value);
    this.observation$.complete();
    this.command$.complete();
  }

  report(): LinkReport {
    const { refused, held } = this.#options.connection.counts;
    return {
      topics: this.#senses.report(),
      answerSeconds: this.#answers,
      echoSeconds: this.#echo.seconds,
      refusedFrames: refused,
      heldCommands: held,
      foreign: this.#foreign,
    };
  }

  /** Stops and lets go of the connection's streams; the connection stays the caller's. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    this.#senses.close();
    this.condition$.complete();
  }

  /** Puts an action on the wire, or only shows it where the robot is dry or not armed. */
  #command(tick: Tick): void {
    const { profile, connection, wallClock, clock } = this.#options;
    const { topic } = profile.action;
    const time = { stamp: wallClock(), period: this.controlPeriod };
    const message = commandMessage(profile, tick.sent, time);
    const sent = this.#armed && connection.publish(topic, message);
    if (sent) this.#echo.sent(message, clock.now());
    this.command$.next({ tick, topic, message, sent });
  }

  #listen(): void {
    const { connection, profile, clock } = this.#options;
    const { action, emergencyStop, heartbeat } = profile;
    void connection.ended.then((reason) => {
      this.#ended = reason;
      this.#look();
    });
    this.#subscriptions.push(
      this.#senses.sensed$.subscribe((sensed) => this.#observe(sensed)),
      connection.answer$.subscribe(({ seconds }) => {
        this.#answers.push(seconds);
        this.#answeredAt = clock.now();
        if (this.#echo.waiting(this.#answeredAt) <= patience.linkStale) this.beat$.next();
      }),
      connection.message$.subscribe(({ topic, message, arrival }) => {
        if (topic === action.topic) this.#heard(message, arrival);
        if (topic === emergencyStop?.topic && fieldAt(message, 'data') === emergencyStop.stopWhen)
          this.#alarm(`${topic} says stop`);
      }),
      clock.ticks$(heartbeat.period).subscribe(() => connection.call(heartbeat.service)),
      clock.ticks$(LOOK).subscribe(() => this.#look()),
    );
    this.#subscribeTopics();
  }

  #subscribeTopics(): void {
    const { connection, profile } = this.#options;
    const { ros, cameras, state, action, emergencyStop } = profile;
    const type = (short: string) => typeName(ros, short);
    // Twice as often as is planned from, so that a message that just missed a step is not a whole step old.
    const throttle = this.controlPeriod / 2;
    for (const source of [...cameras, ...state])
      connection.subscribe(source.topic, type(source.type), throttle);
    connection.subscribe(action.topic, type(action.type));
    if (emergencyStop) connection.subscribe(emergencyStop.topic, type('std_msgs/Bool'));
  }

  #observe({ time, images, state }: Sensed): void {
    if (this.#stopped) return;
    const since = this.#sentAt === null ? 0 : (time - this.#sentAt) / this.controlPeriod;
    // The step just sent is under way; its outcome is seen one period after it began.
    const step = this.#sentAt === null ? 0 : Math.min(this.#step, this.#step - 1 + Math.round(since));
    if (step >= 0) this.observation$.next({ step, time: time - this.#began, images, state });
    this.#look();
  }

  #heard(message: unknown, arrival: number): void {
    if (this.#echo.heard(message, arrival) !== 'foreign') return;
    this.#foreign += 1;
    if (this.#armed) this.#alarm(`somebody else commands ${this.#options.profile.action.topic}`);
  }

  #alarm(reason: string): void {
    this.#emergency ??= reason;
    this.#look();
  }

  #look(): void {
    const { clock } = this.#options;
    const now = clock.now();
    const stale = this.#senses.stale();
    const before = this.condition$.value;
    // What has never come is missing, not lost.
    this.#complete ||= stale.length === 0;
    this.#staleSince = stale.length === 0 || !this.#complete ? null : (this.#staleSince ?? now);
    const next = conditionOf(
      {
        ended: this.#ended,
        silent: now - this.#answeredAt,
        unechoed: this.#echo.waiting(now),
        stale,
        staleFor: now - (this.#staleSince ?? now),
        emergency: this.#emergency,
      },
      before,
    );
    if (next.kind !== before.kind) this.condition$.next(next);
  }

  #status(condition: Condition): RobotStatus {
    const link = condition.kind === 'good' ? 'up' : condition.kind === 'lost' ? 'down' : 'stale';
    return {
      step: this.#step,
      link,
      armed: this.#armed,
      emergencyStop: condition.kind === 'emergency',
    };
  }
}
