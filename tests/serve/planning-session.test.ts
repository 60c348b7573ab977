import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ServeEvent } from '#src/serve/events.js';
import { sessionList } from '#src/serve/session-list.js';
import type { PlanningSession } from '#src/serve/sessions.js';
import { zeros } from '#src/tensor.js';
import { LineEngine, lineObservation, lineService } from '../fakes/line-service.ts';

const limits = { sessions: 2, connections: 4, upgradesPerSecond: 10, bufferedBytes: 1, iterationsFactor: 4 };
const goalAt = (position: number) => ({ kind: 'observation', value: lineObservation(position) }) as const;
const request = (step = 0, iterations = 2) => ({
  observations: [lineObservation(0, step)],
  executed: zeros([0, 1]),
  committed: zeros([0, 1]),
  budget: { iterations },
});

async function open(engines: readonly LineEngine[], slots = 1) {
  const events: ServeEvent[] = [];
  const emit = (event: ServeEvent): void => void events.push(event);
  const service = lineService((slot) => engines[slot]!, { slots, emit });
  const sessions = sessionList({
    services: [service],
    limits,
    emit,
    findFrame: async (_, step) => goalAt(step),
  });
  const session = await sessions.open({ robot: 'r', protocol: 'test', peer: 'c1' });
  return { sessions, session, service, events, kinds: () => events.map((event) => event.kind) };
}

const first = async (session: PlanningSession): Promise<number> =>
  (await session.plan(request())).plan.actions.data[0]!;

describe('a planning session', () => {
  it('plans for its goal: a picture, a rendered scene, a recorded frame', async () => {
    const { session } = await open([new LineEngine()]);
    await session.reset({ seed: 1, goal: goalAt(-1) });
    expect(await first(session)).toBe(-1);
    await session.setGoal({ kind: 'episode', seed: 3 }, 'now');
    expect(await first(session)).toBe(1);
    await session.setGoal({ kind: 'frame', recording: 'x', step: -1 }, 'now');
    expect(await first(session)).toBe(-1);
  });

  it('takes a seat on another engine when its own is lost, and knows its goal there', async () => {
    const engines = [new LineEngine({ delayMs: () => 2000 }), new LineEngine()];
    const { session, service } = await open(engines, 2);
    await Promise.all(service.slots.map((slot) => slot.start()));
    await session.reset({ seed: 1, goal: goalAt(-1) });
    const flying = session.plan(request());
    await turn();
    engines[0]!.lose('ended with code 137');
    await expect(flying).rejects.toMatchObject({ code: 'provider' });
    expect(await first(session)).toBe(-1);
    expect(service.slots.map((slot) => slot.sessions)).toEqual([0, 1]);
  });

  it('spreads over the engines', async () => {
    const { sessions, session, service } = await open([new LineEngine(), new LineEngine()], 2);
    await Promise.all(service.slots.map((slot) => slot.start()));
    const other = await sessions.open({ robot: 'q', protocol: 'test', peer: 'c2' });
    for (const one of [session, other]) await one.reset({ seed: 1, goal: goalAt(1) });
    expect(service.slots.map((slot) => slot.sessions)).toEqual([1, 1]);
  });

  it('refuses a second plan in flight, a plan without a goal, and a session too many', async () => {
    const { sessions, session } = await open([new LineEngine({ delayMs: () => 5 })]);
    await expect(session.plan(request())).rejects.toMatchObject({ code: 'bad-state' });
    await session.reset({ seed: 1, goal: goalAt(1) });
    const flying = session.plan(request());
    await expect(session.plan(request())).rejects.toMatchObject({ code: 'bad-state' });
    await flying;
    await sessions.open({ robot: 'q', protocol: 'test', peer: 'c2' });
    const third = { robot: 'p', protocol: 'test', peer: 'c3' };
    await expect(sessions.open(third)).rejects.toMatchObject({ code: 'refused' });
    await session.close('done');
    expect((await sessions.open(third)).info.id).toBe('s3');
    await expect(sessions.open({ ...third, task: 'nope' })).rejects.toMatchObject({ code: 'refused' });
  });

  it('goes on to the next goal once the model says that the first is reached', async () => {
    const { session, events } = await open([new LineEngine({ timeToGo: 0 })]);
    await session.reset({ seed: 1, goal: goalAt(1) });
    await session.setGoal(goalAt(-1), 'next');
    expect((await session.plan(request(0))).reached).toBe(false);
    expect((await session.plan(request(10))).reached).toBe(true);
    expect(await first(session)).toBe(-1);
    expect(events.filter((event) => event.kind === 'goal')).toMatchObject([{ waiting: 0 }]);
  });

  it('bounds the iterations that a robot asks for, and takes new settings for the next plan', async () => {
    const engine = new LineEngine();
    const { session } = await open([engine]);
    await session.reset({ seed: 1, goal: goalAt(1) });
    await session.plan(request(0, 1_000_000));
    expect(engine.policies[0]!.requests[0]!.budget.iterations).toBe(8);
    await session.configure({ horizon: 3 });
    expect(session.info.rows).toBe(6);
    await session.plan(request(1));
    expect(engine.policies).toHaveLength(2);
    await expect(session.configure({ elites: 1000 })).rejects.toMatchObject({ code: 'out-of-range' });
    expect(session.info.rows).toBe(6);
  });
});
