import { quantilesOf } from '../../control/cadence.ts';
import type { ChannelEnd } from '../../wire/channel.ts';
import type { RobotReport, ServeEvent } from '../../serve/events.ts';

/** How a drive of a native robot ended. */
export interface NativeEnd {
  readonly armed: boolean;
  /** The last state that the robot told of its envelope; null where it never told one. */
  readonly state: RobotReport['state'] | null;
  readonly reason: string;
  /** The link broke, and nobody had asked for it. */
  readonly lost: boolean;
  readonly plans: number;
  readonly planMs: ReturnType<typeof quantilesOf>;
  readonly overheadMs: ReturnType<typeof quantilesOf>;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** A link that broke, and nobody had asked for it. */
export const isLost = ({ code }: ChannelEnd): boolean => code === 1006 || code > 1001;

/** Control steps between lines about plans. */
const SPARSE = 10;

/** Tells a person what a drive does, and counts for its end. */
export class NativeLines {
  readonly #armed: boolean;
  readonly #planMs: number[] = [];
  readonly #overheadMs: number[] = [];
  #state: RobotReport['state'] | null = null;
  #shownStep = -SPARSE;

  constructor(armed: boolean) {
    this.#armed = armed;
  }

  take(event: ServeEvent): void {
    if (event.kind === 'opened')
      say(`robot '${event.session.robot}', task '${event.session.task}', planner ${event.session.planner}`);
    if (event.kind === 'engine' && event.state !== 'ready') say(`engine ${event.engine}: ${event.state}`);
    if (event.kind === 'planned') this.#planned(event);
    if (event.kind === 'delivered') {
      this.#planMs.push(event.timing.planMs);
      this.#overheadMs.push(event.timing.overheadMs);
    }
    if (event.kind === 'failed') say(`no plan: ${event.error.message}`);
    if (event.kind === 'robot' && event.report.state !== this.#state) this.#robot(event.report);
  }

  say(line: string): void {
    say(line);
  }

  lost({ code, reason }: ChannelEnd, seconds: number): void {
    this.#state = null;
    say(`the link was lost (${code}${reason ? ` ${reason}` : ''}); trying again every ${seconds} s`);
    if (this.#armed) say('the robot is idle when it is back: type arm, then start');
  }

  dropped(what: string, reason: string): void {
    say(`${what} dropped: ${reason}`);
  }

  end({ code, reason }: { code: number; reason: string }): NativeEnd {
    return {
      armed: this.#armed,
      state: this.#state,
      reason: reason === '' ? `the link ended with ${code}` : reason,
      lost: isLost({ code, reason }),
      plans: this.#planMs.length,
      planMs: quantilesOf(this.#planMs),
      overheadMs: quantilesOf(this.#overheadMs),
    };
  }

  #planned({ step, plan, reached }: Extract<ServeEvent, { kind: 'planned' }>): void {
    if (step - this.#shownStep < SPARSE && step >= this.#shownStep) return;
    this.#shownStep = step;
    const [, dim = 0] = plan.actions.shape;
    const row = Array.from(plan.actions.data.subarray(0, dim), (value) => value.toFixed(3));
    const { totalMs, timeToGo } = plan.evidence;
    const verb = this.#state === 'running' ? 'sent' : 'planned';
    const near = timeToGo === null ? '' : ` · time to go ${timeToGo.toFixed(1)} steps`;
    say(
      `step ${step} · ${verb} ${row.join(' ')} · plan ${totalMs.toFixed(1)} ms${near}${reached ? ' · reached' : ''}`,
    );
  }

  #robot({ state, reason }: RobotReport): void {
    this.#state = state;
    say(`the robot is ${state}${reason === undefined ? '' : ` (${reason})`}`);
  }
}
