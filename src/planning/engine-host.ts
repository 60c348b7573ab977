import { JepilotError } from '../errors.ts';
import { serve, type Port } from '../rpc.ts';
import type { WorldModel } from '../world-model/world-model.ts';
import type { EngineCalls, EngineConfig, SessionConfig } from './engine-protocol.ts';
import { openPolicy, type PlannerLists } from './open-policy.ts';
import type { Policy } from './policy.ts';

/** What an engine is made of; the worker's entry knows the rooms, this file does not. */
export interface EngineParts extends PlannerLists {
  readonly load: (config: EngineConfig) => Promise<WorldModel>;
  /** Seconds of a monotonic clock. */
  readonly now: () => number;
  /** Renders goals; an engine without it refuses those that need a scene. */
  readonly showGoal?: EngineCalls['showGoal'];
}

/**
 * One task after another: a plan that waits its turn costs its own robot time, two that are interleaved cost both.
 * After `close` the one that runs ends, those that wait are refused.
 */
function turns() {
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;
  return {
    take<T>(task: () => Promise<T>): Promise<T> {
      const turn = last.then(() => {
        if (closed) throw new JepilotError('bad-state', 'the planning engine has stopped');
        return task();
      });
      last = turn.catch(() => undefined);
      return turn;
    },
    async close(): Promise<void> {
      closed = true;
      await last;
    },
  };
}

/**
 * The planning engine's worker side: one model, any number of sessions, until a `stop` call. A run of the model blocks
 * this thread, which is why it has one of its own; it must be stopped by that call, for ending a thread during a run
 * aborts the process.
 */
export function serveEngine(port: Port, { load, now, showGoal, ...lists }: EngineParts): void {
  const sessions = new Map<number, Policy>();
  const queue = turns();
  let model: WorldModel | null = null;
  let opened = 0;

  const loaded = (): WorldModel => {
    if (model) return model;
    throw new JepilotError('bad-state', 'the planning engine has no model yet: call load first');
  };
  const session = (id: number): Policy => {
    const found = sessions.get(id);
    if (found) return found;
    throw new JepilotError('bad-state', `planning session ${id} is closed`);
  };
  async function open({ planner, settings, mode }: SessionConfig) {
    const setting = { model: loaded(), settings, now, ...(mode && { mode }) };
    const policy = await openPolicy(planner, setting, lists);
    sessions.set(++opened, policy);
    return { session: opened, name: policy.name, window: policy.window };
  }
  async function stop(): Promise<void> {
    await queue.close();
    sessions.clear();
    try {
      await model?.[Symbol.asyncDispose]();
    } finally {
      model = null;
      // After the reply to this call is posted: without a listener the port no longer keeps the thread alive.
      setImmediate(() => server[Symbol.dispose]());
    }
  }

  const calls: EngineCalls = {
    load: (config) =>
      queue.take(async () => {
        if (model) throw new JepilotError('bad-state', 'the planning engine has loaded its model already');
        model = await load(config);
        return { manifest: model.manifest, provider: model.provider };
      }),
    open: (config) => queue.take(() => open(config)),
    reset: ({ session: id, ...episode }) => queue.take(() => session(id).reset(episode)),
    setGoal: ({ session: id, goal }) => queue.take(() => session(id).setGoal(goal)),
    plan: ({ session: id, request }) => queue.take(() => session(id).plan(request)),
    close: ({ session: id }) =>
      queue.take(async () => {
        await session(id)[Symbol.asyncDispose]();
        sessions.delete(id);
      }),
    showGoal: (argument) =>
      queue.take(async () => {
        if (showGoal) return showGoal(argument);
        throw new JepilotError('bad-state', 'this planning engine renders no goals');
      }),
    stop,
  };
  const server = serve(port, calls);
}
