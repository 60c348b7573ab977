import type { Observable } from 'rxjs';
import { quantilesOf, type Quantiles } from '../control/cadence.ts';
import type { RobotReport, StampedEvent } from './events.ts';
import type { SlotState } from './engine-slot.ts';
import type { SessionInfo } from './sessions.ts';
import type { TaskService } from './task-service.ts';

/** Plans that a session's figures look back on. */
const RECENT = 200;

export interface SessionStatus {
  readonly id: string;
  readonly robot: string;
  readonly protocol: string;
  readonly peer: string;
  readonly task: string;
  readonly planner: string;
  readonly plans: number;
  readonly failures: number;
  /** Plans per second, over the recent ones. */
  readonly planHz: number | null;
  readonly planMs: Quantiles | null;
  readonly queueMs: Quantiles | null;
  readonly overheadMs: Quantiles | null;
  /** Of the newest plan, in control steps. */
  readonly timeToGo: number | null;
  readonly reached: boolean | null;
  readonly report: RobotReport | null;
}

/** How a server is doing: `/status.json`. */
export interface ServerStatus {
  readonly version: string;
  /** Every task has an engine that has proved itself. */
  readonly ready: boolean;
  readonly uptimeSeconds: number;
  readonly engines: readonly {
    readonly name: string;
    readonly task: string;
    readonly state: SlotState;
    readonly reason?: string;
  }[];
  readonly sessions: readonly SessionStatus[];
}

/** The latest values of a series. */
class Recent {
  readonly #values: number[] = [];

  add(value: number): void {
    this.#values.push(value);
    if (this.#values.length > RECENT) this.#values.shift();
  }

  quantiles(): Quantiles | null {
    return quantilesOf(this.#values);
  }

  /** Per second, for a series of times. */
  rate(): number | null {
    const [first, last] = [this.#values[0], this.#values.at(-1)];
    return first === undefined || last === undefined || last <= first
      ? null
      : (this.#values.length - 1) / (last - first);
  }
}

/** What is known of one session. */
class SessionLog {
  readonly #info: SessionInfo;
  readonly #at = new Recent();
  readonly #planMs = new Recent();
  readonly #queueMs = new Recent();
  readonly #overheadMs = new Recent();
  #plans = 0;
  #failures = 0;
  #timeToGo: number | null = null;
  #reached: boolean | null = null;
  #report: RobotReport | null = null;

  constructor(info: SessionInfo) {
    this.#info = info;
  }

  take(event: StampedEvent): void {
    if (event.kind === 'planned') {
      this.#plans += 1;
      this.#at.add(event.time);
      this.#planMs.add(event.plan.evidence.totalMs);
      this.#queueMs.add(event.queueMs);
      this.#timeToGo = event.plan.evidence.timeToGo;
      this.#reached = event.reached;
    }
    if (event.kind === 'delivered') this.#overheadMs.add(event.timing.overheadMs);
    if (event.kind === 'failed') this.#failures += 1;
    if (event.kind === 'robot') this.#report = event.report;
  }

  status(): SessionStatus {
    const { id, robot, protocol, peer, task, planner } = this.#info;
    return {
      ...{ id, robot, protocol, peer, task, planner },
      plans: this.#plans,
      failures: this.#failures,
      planHz: this.#at.rate(),
      planMs: this.#planMs.quantiles(),
      queueMs: this.#queueMs.quantiles(),
      overheadMs: this.#overheadMs.quantiles(),
      timeToGo: this.#timeToGo,
      reached: this.#reached,
      report: this.#report,
    };
  }
}

/** Keeps the status as events pass; returns what tells it. */
export function serverStatus(
  version: string,
  services: readonly TaskService[],
  event$: Observable<StampedEvent>,
  now: () => number,
): () => ServerStatus {
  const began = now();
  const sessions = new Map<string, SessionLog>();
  const reasons = new Map<string, string>();
  event$.subscribe((event) => {
    if (event.kind === 'opened') sessions.set(event.session.id, new SessionLog(event.session));
    else if (event.kind === 'closed') sessions.delete(event.session);
    else if (event.kind === 'engine') reasons.set(event.engine, event.reason ?? '');
    else if ('session' in event) sessions.get(event.session)?.take(event);
  });
  return () => ({
    version,
    ready: services.every(({ slots }) => slots.some((slot) => slot.state === 'ready')),
    uptimeSeconds: now() - began,
    engines: services.flatMap(({ task, slots }) =>
      slots.map(({ name, state }) => {
        const reason = reasons.get(name);
        return { name, task: task.name, state, ...(reason ? { reason } : {}) };
      }),
    ),
    sessions: [...sessions.values()].map((session) => session.status()),
  });
}
