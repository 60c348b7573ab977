import { Subject } from 'rxjs';
import { JepilotError } from '#src/errors.js';
import type { ServeContext } from '#src/serve/context.js';
import type { ServeEvent, StampedEvent } from '#src/serve/events.js';
import type { GoalRequest, PlanningSession, SessionInfo } from '#src/serve/sessions.js';
import { linearManifest } from '../fakes/linear-world-model.ts';

const model = linearManifest(2, 5);

export const sessionInfo = (id = 's1'): SessionInfo => ({
  ...{ id, robot: 'bench', protocol: 'robot', peer: 'c1', task: 'point', planner: 'icem', model },
  actionSpec: { dim: 2, minimum: [-1, -1], maximum: [1, 1], names: ['vx', 'vy'], mode: 'velocity' },
  stateNames: ['x', 'y'],
  cameras: [{ name: 'top', width: 16, height: 16 }],
  ...{ controlPeriod: 0.1, window: 1, rows: 20, replanInterval: 5, iterations: 3 },
});

/** A session that plans nothing, and keeps the settings and goals that it is given. */
class SettledSession implements PlanningSession {
  info = sessionInfo();
  readonly goals: GoalRequest[] = [];
  readonly order$ = new Subject<never>();

  async configure(settings: Parameters<PlanningSession['configure']>[0]): Promise<void> {
    const { iterations = this.info.iterations } = settings;
    if (!(iterations >= 1)) throw new JepilotError('out-of-range', `iterations is ${iterations}; at least 1`);
    this.info = { ...this.info, iterations };
  }

  async setGoal(goal: GoalRequest): Promise<void> {
    this.goals.push(goal);
  }

  async reset(): Promise<void> {}
  async plan(): Promise<never> {
    throw new JepilotError('bad-state', 'plans nothing');
  }
  tick(): void {}
  report(): void {}
  order(): void {}
  async close(): Promise<void> {}
  async [Symbol.asyncDispose](): Promise<void> {}
}

/** A server's inside with one session, and a clock that stands still. */
export function contextWithSession() {
  const event$ = new Subject<StampedEvent>();
  const session = new SettledSession();
  const emit = (event: ServeEvent): void => event$.next({ ...event, time: 0 });
  const context: ServeContext = {
    version: '0.1.0',
    sessions: { open: () => Promise.reject(new Error('none')), list: () => [session] },
    limits: {
      sessions: 4,
      connections: 8,
      upgradesPerSecond: 100,
      bufferedBytes: 65536,
      iterationsFactor: 4,
    },
    now: () => 0,
    event$,
    emit,
    closing: new AbortController().signal,
  };
  return { context, session, emit, event$ };
}
