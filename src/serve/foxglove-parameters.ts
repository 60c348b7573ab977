import { JepilotError } from '../errors.ts';
import type { FoxgloveParameter } from './foxglove-messages.ts';
import type { PlanningSession, SessionInfo } from './sessions.ts';

/** Planning settings that a viewer sees, and may change: they take effect with the next plan. */
const settings = {
  planner: (info: SessionInfo) => info.planner,
  iterations: (info: SessionInfo) => info.iterations,
  replanInterval: (info: SessionInfo) => info.replanInterval,
  horizon: (info: SessionInfo) => info.rows / info.model.action.repeat,
};

/** Goals by the seed of an episode of the task; -1 until a viewer has chosen one. */
const GOAL = 'goalSeed';

/** The parameters of sessions by name: `/s1/iterations`. */
export class FoxgloveParameters {
  readonly #goals = new WeakMap<PlanningSession, number>();

  /** Those of the names, or all of them for none. */
  list(sessions: readonly PlanningSession[], names: readonly string[] = []): FoxgloveParameter[] {
    const all = sessions.flatMap((session) => {
      const { info } = session;
      const known = Object.entries(settings).map(([key, of]) => ({
        name: `/${info.id}/${key}`,
        value: of(info),
      }));
      return [...known, { name: `/${info.id}/${GOAL}`, value: this.#goals.get(session) ?? -1 }];
    });
    return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
  }

  /** Changes one. Throws JepilotError where there is none of that name, or the session refuses the value. */
  async set(sessions: readonly PlanningSession[], { name, value }: FoxgloveParameter): Promise<void> {
    const [, id = '', key = ''] = /^\/([^/]+)\/([^/]+)$/.exec(name) ?? [];
    const session = sessions.find(({ info }) => info.id === id);
    if (!session || (key !== GOAL && !Object.hasOwn(settings, key)))
      throw new JepilotError('unknown-name', `no parameter is called '${name.slice(0, 100)}'`);
    if (key !== GOAL) return session.configure({ [key]: value });
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
      throw new JepilotError('invalid-value', `${name} is ${String(value)}; it takes the seed of an episode`);
    await session.setGoal({ kind: 'episode', seed: value }, 'now');
    this.#goals.set(session, value);
  }
}
