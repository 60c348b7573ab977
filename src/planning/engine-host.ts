import { JepilotError } from '../errors.ts';
import { serve, type Port } from '../rpc.ts';
import type { EngineCalls, SessionConfig } from './engine-protocol.ts';
import { lockstep } from './lockstep.ts';
import { openPolicy, type PlannerLists } from './open-policy.ts';
import { PlanQueue } from './plan-queue.ts';
import type { Plan } from './plan.ts';
import type { PlanRequest, Policy } from './policy.ts';
import { ReplaceableModel, type LoadModel } from './replaceable-model.ts';

/** What an engine is made of; the worker's entry knows the rooms, this file does not. */
export interface EngineParts extends PlannerLists {
  readonly load: LoadModel;
  /** Seconds of a monotonic clock. */
  readonly now: () => number;
  /** Renders goals; an engine without it refuses those that need a scene. */
  readonly showGoal?: EngineCalls['showGoal'];
}

/**
 * One task after another: two that are interleaved would cost both robots time.
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
 * The planning engine's worker side: one model, any number of sessions, until a `stop` call. Plans that wait together are
 * made together. A run of the model blocks this thread, which is why it has one of its own; it must be stopped by that
 * call, for ending a thread during a run aborts the process.
 */
export function serveEngine(port: Port, { load, now, showGoal, ...lists }: EngineParts): void {
  const sessions = new Map<number, Policy>();
  const queue = turns();
  const replaceable = new ReplaceableModel(load);
  const { model, together } = lockstep(() => replaceable.current);
  /** Calls of a session other than plans: asked for, and done. */
  const calls = new Map<number, { asked: number; done: number }>();
  let opened = 0;

  const session = (id: number): Policy => {
    const found = sessions.get(id);
    if (found) return found;
    throw new JepilotError('bad-state', `planning session ${id} is closed`);
  };
  const callsOf = (id: number): { asked: number; done: number } => {
    const known = calls.get(id) ?? { asked: 0, done: 0 };
    calls.set(id, known);
    return known;
  };
  const plans = new PlanQueue({
    now,
    policyOf: session,
    doneOf: (id) => callsOf(id).done,
    together,
    recover: (error) => replaceable.recover(error),
  });
  /** A call of a session, in turn: plans that are asked for later wait for it, whatever they are made together with. */
  function ordered(id: number, task: () => Promise<void>): Promise<void> {
    callsOf(id).asked++;
    return queue.take(() => task().finally(() => callsOf(id).done++));
  }
  async function open({ planner, settings, mode }: SessionConfig) {
    const setting = { model, settings, now, ...(mode && { mode }) };
    const policy = await openPolicy(planner, setting, lists);
    sessions.set(++opened, policy);
    return { session: opened, name: policy.name, window: policy.window };
  }
  function plan(id: number, request: PlanRequest): Promise<Plan> {
    return new Promise((resolve, reject) => {
      plans.add({ session: id, request, arrived: now(), after: callsOf(id).asked, resolve, reject });
      queue.take(() => plans.serve()).catch(reject);
    });
  }
  async function stop(): Promise<void> {
    await queue.close();
    sessions.clear();
    try {
      await replaceable[Symbol.asyncDispose]();
    } finally {
      // After the reply to this call is posted: without a listener the port no longer keeps the thread alive.
      setImmediate(() => server[Symbol.dispose]());
    }
  }

  const handlers: EngineCalls = {
    load: (config) =>
      queue.take(async () => {
        const { manifest, provider } = await replaceable.load(config);
        return { manifest, provider };
      }),
    provider: () => Promise.resolve(replaceable.current.provider),
    open: (config) => queue.take(() => open(config)),
    reset: ({ session: id, ...episode }) => ordered(id, () => session(id).reset(episode)),
    setGoal: ({ session: id, goal }) => ordered(id, () => session(id).setGoal(goal)),
    plan: ({ session: id, request }) => plan(id, request),
    close: ({ session: id }) =>
      ordered(id, async () => {
        await session(id)[Symbol.asyncDispose]();
        sessions.delete(id);
        plans.forget(id);
      }),
    showGoal: (argument) =>
      queue.take(async () => {
        if (showGoal) return showGoal(argument);
        throw new JepilotError('bad-state', 'this planning engine renders no goals');
      }),
    stop,
  };
  const server = serve(port, handlers);
}
