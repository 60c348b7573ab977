import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { EngineSlot, type SlotState } from '#src/serve/engine-slot.js';
import { FakeTime, LineEngine } from '../fakes/line-service.ts';

function slotOf(start: () => LineEngine) {
  const time = new FakeTime();
  const states: SlotState[] = [];
  const slot = new EngineSlot({
    name: 'e1',
    now: time.now,
    after: time.after,
    hangsAfter: 30,
    start: async () => start().running,
    onState: (state) => states.push(state),
  });
  return { slot, time, states };
}

describe('the place of an engine', () => {
  it('gives work in turn, and tells how long it waited', async () => {
    const { slot, time } = slotOf(() => new LineEngine());
    await slot.start();
    const engine = slot.engine!;
    let finish = (): void => undefined;
    const first = slot.take(engine, () => new Promise<void>((resolve) => (finish = resolve)));
    const second = slot.take(engine, async () => 'second');
    await turn();
    time.pass(0.2);
    finish();
    expect((await first).queueMs).toBe(0);
    expect(await second).toEqual({ value: 'second', queueMs: 200 });
  });

  it('fails what runs and what waits with a recoverable error when the engine is lost', async () => {
    const engines = [new LineEngine({ delayMs: () => 5000 }), new LineEngine()];
    const { slot, time, states } = slotOf(() => engines.shift()!);
    const [lost] = engines;
    await slot.start();
    const engine = slot.engine!;
    const policy = await engine.policy({} as never);
    const running = slot.take(engine, () => policy.plan({ observations: [] } as never));
    const waiting = slot.take(engine, async () => 'never');
    await turn();
    lost!.lose('ended with code 137');
    await expect(running).rejects.toMatchObject({ code: 'provider' });
    await expect(waiting).rejects.toMatchObject({ code: 'provider' });
    time.pass(0.5);
    await turn();
    expect(states).toEqual(['starting', 'ready', 'lost', 'starting', 'ready']);
    await expect(slot.take(engine, async () => 'old')).rejects.toMatchObject({ code: 'provider' });
    expect((await slot.take(slot.engine!, async () => 'new')).value).toBe('new');
  });

  it('waits twice as long after each loss, half a minute at most, until an engine lives for a minute', async () => {
    const engines: LineEngine[] = [];
    const { slot, time } = slotOf(() => engines[engines.push(new LineEngine()) - 1]!);
    await slot.start();
    const pauseAfterLoss = async (): Promise<number> => {
      engines.at(-1)!.lose('ended');
      await turn();
      const count = engines.length;
      let pause = 0;
      for (; engines.length === count; pause += 0.5) {
        time.pass(0.5);
        await turn();
      }
      return pause;
    };
    const pauses: number[] = [];
    for (let i = 0; i < 8; i++) pauses.push(await pauseAfterLoss());
    expect(pauses).toEqual([0.5, 1, 2, 4, 8, 16, 30, 30]);
    time.pass(61);
    expect(await pauseAfterLoss()).toBe(0.5);
  });

  it('ends an engine that does not answer for half a minute', async () => {
    const engine = new LineEngine({ delayMs: () => 60_000 });
    const { slot, time } = slotOf(() => engine);
    await slot.start();
    const policy = await slot.engine!.policy({} as never);
    const hanging = slot.take(slot.engine!, () => policy.plan({ observations: [] } as never));
    await turn();
    time.pass(30);
    await expect(hanging).rejects.toMatchObject({ code: 'provider' });
    expect(engine.killed).toBe(true);
  });

  it('rejects the first start with its error, and starts nothing after it is disposed of', async () => {
    const { slot } = slotOf(() => {
      throw new Error('no such model');
    });
    await expect(slot.start()).rejects.toThrow('no such model');
    const other = slotOf(() => new LineEngine());
    await other.slot.start();
    await other.slot[Symbol.asyncDispose]();
    expect(other.slot.engine).toBeNull();
    expect(other.states.at(-1)).toBe('stopped');
  });
});
