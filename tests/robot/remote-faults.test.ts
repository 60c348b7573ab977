import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../src/safety/limits.ts';
import { rngOf } from '../../src/rng.ts';
import { decodeFrame } from '../../src/wire/robot-frame.ts';
import { LinkBench, PERIOD } from '../fakes/link-bench.ts';
import { untouched, type Fate } from '../fakes/paired-channels.ts';

/** Seconds from the last beat that came to the first tick in such a state. */
function delayUntil(bench: LinkBench, is: (shown: LinkBench['shown'][number]) => boolean): number {
  const first = bench.shown.find((shown) => shown.state.guard.beatAt !== null && is(shown));
  return first ? first.tick.time - first.state.guard.beatAt! : Infinity;
}

const chunk = (frame: Uint8Array): boolean => decodeFrame(frame).t === 'chunk';

describe('a sound link', () => {
  it('arms after a second, then plans act, and the goal is reached', async () => {
    const bench = await new LinkBench().start();
    await bench.time.pass(0.9);
    expect(bench.mode).toBe('idle: not-armed');
    await bench.time.pass(6);
    expect(bench.mode).toBe('running');
    expect(bench.session.reports.map(({ state }) => state)).toEqual(
      expect.arrayContaining(['idle', 'running']),
    );
    expect(bench.environment.snapshot().physics[0]).toBeCloseTo(bench.environment.goal()[0]!, 1);
    expect(bench.planner.counts).toMatchObject({ corrupt: 0, repeated: 0, lost: 0, sessions: 1 });
    await bench.end();
    expect(bench.session.closed).toBe('the robot disconnected');
  });

  it('plans from what was sent: the committed rows of a request are the rows that ran', async () => {
    const bench = await new LinkBench().run();
    const sent = bench.shown.map(({ tick }) => tick.sent[0]);
    for (const { observations, committed } of bench.session.requests.slice(5, -1)) {
      const { step } = observations[0]!;
      expect([...committed.data]).toEqual(sent.slice(step, step + 2));
    }
    expect(bench.session.requests.length).toBeGreaterThan(6);
    await bench.end();
  });
});

describe('a link that falls silent', () => {
  it('makes the robot hold, then stop for good, each within its limit and two periods', async () => {
    const bench = await new LinkBench().run();
    bench.fate = () => [];
    await bench.time.pass(2);
    const held = delayUntil(bench, ({ state }) => state.guard.mode === 'holding');
    const stopped = delayUntil(bench, ({ state }) => state.guard.mode === 'stopped');
    expect(held).toBeGreaterThan(defaultLimits.beatSilence);
    expect(held).toBeLessThanOrEqual(defaultLimits.beatSilence + 2 * PERIOD);
    expect(stopped).toBeLessThanOrEqual(defaultLimits.hardSilence + 2 * PERIOD);
    bench.fate = untouched;
    await bench.time.pass(3);
    expect(bench.mode).toBe('stopped');
    expect(bench.shown.at(-1)?.tick.sent[0]).toBe(0);
    await bench.end();
  });

  it('in one direction only (half open) is as silent for the end that hears nothing', async () => {
    const deaf = await new LinkBench().run();
    deaf.fate = (frame, direction) => (direction === 'to-robot' ? [] : untouched(frame, direction));
    await deaf.time.pass(1);
    expect(deaf.mode).toBe('stopped');
    await deaf.end();
    const mute = await new LinkBench().run();
    const at = mute.time.now();
    mute.fate = (frame, direction) => (direction === 'to-planner' ? [] : untouched(frame, direction));
    await mute.time.pass(1);
    const stale = mute.session.reports.find(({ link }) => link === 'stale');
    expect(stale && stale.time - at).toBeLessThanOrEqual(0.5);
    await mute.end();
  });

  it('shorter than the hard limit costs a hold, and no more', async () => {
    const bench = await new LinkBench().run();
    bench.fate = () => [];
    await bench.time.pass(0.4);
    expect(bench.mode).toBe('holding: link-silent');
    bench.fate = untouched;
    await bench.time.pass(1);
    expect(bench.mode).toBe('running');
    await bench.end();
  });
});

describe('a link that breaks', () => {
  it('holds at once; the next session is idle, of another epoch, and moves only when armed anew', async () => {
    const bench = await new LinkBench({ reconnect: 0.1 }).run();
    const { epoch } = bench.state.guard;
    bench.cut();
    await bench.time.pass(0.06);
    expect(bench.mode).toBe('holding: link-silent');
    await bench.time.pass(3);
    expect(bench.sessions).toHaveLength(2);
    expect(bench.mode).toBe('idle: not-armed');
    expect(bench.state.guard.epoch).toBeGreaterThan(epoch);
    bench.order('arm');
    bench.order('start');
    await bench.time.pass(1);
    expect(bench.mode).toBe('running');
    expect(bench.shown.at(-1)?.tick.source).toBe('plan');
    await bench.end();
  });

  it('and stays broken: the robot stops for good, while the planning end has closed its session', async () => {
    const bench = await new LinkBench({ reconnect: 0.2 }).run();
    bench.reachable = false;
    bench.cut();
    await bench.time.pass(2);
    expect(bench.mode).toBe('stopped');
    expect(bench.session.closed).toBe('the robot disconnected');
    expect(bench.session.reports.at(-1)?.link).toBe('down');
    await bench.end();
  });
});

describe('frames that are lost or damaged', () => {
  it('a lost observation or chunk is noticed by the beats and asked for again, long before the timeout', async () => {
    let chunks = 0;
    const fate: Fate = (frame, direction) =>
      direction === 'to-robot' && chunk(frame) && ++chunks % 3 === 0 ? [] : untouched(frame, direction);
    const bench = await new LinkBench({ fate }).run();
    await bench.time.pass(4);
    const holds = bench.shown.filter(
      ({ tick }) => tick.reason === 'plan-exhausted' || tick.reason === 'planning-failed',
    );
    expect(chunks).toBeGreaterThan(10);
    expect(bench.planner.counts.lost).toBeGreaterThan(3);
    expect(holds).toEqual([]);
    await bench.end();
  });

  it('a flipped bit in every chunk leaves no chunk, and no motion', async () => {
    const fate: Fate = (frame, direction) => {
      if (direction === 'to-planner' || !chunk(frame)) return untouched(frame, direction);
      const damaged = frame.slice();
      damaged[frame.length - 3]! ^= 4;
      return [{ frame: damaged, delay: 0.002 }];
    };
    const bench = await new LinkBench({ fate }).run();
    expect(bench.planner.counts.corrupt).toBeGreaterThan(3);
    expect(bench.planner.counts.chunks.accepted).toBe(0);
    expect(bench.environment.applied.every((velocity) => velocity === 0)).toBe(true);
    expect((await bench.loop.done).stop.reason).toBe('planning failed 10 times in a row');
    await bench.end();
  });

  it('rows that are not finite are refused, acknowledged as such, and never sent', async () => {
    const bench = await new LinkBench({ rows: (n) => (n > 20 ? [0.5, NaN, 0.5] : null) }).run();
    await bench.time.pass(3);
    expect(bench.planner.counts.chunks['not-finite']).toBeGreaterThanOrEqual(3);
    expect(bench.shown.every(({ tick }) => Number.isFinite(tick.sent[0]))).toBe(true);
    expect(bench.shown.some(({ tick }) => tick.reason === 'refused')).toBe(true);
    await bench.end();
  });
});

describe('whatever the link does', () => {
  it('no command leaves the limits, and silence is answered in time', async () => {
    for (let seed = 0; seed < 4; seed++) {
      const rng = rngOf('faults', seed);
      const worst = rng.uniform(0.02, 0.4);
      const fate: Fate = (frame, direction) => {
        const copies = rng.uniform() < 0.1 ? 0 : rng.uniform() < 0.1 ? 2 : 1;
        return Array.from({ length: copies }, () => {
          const arriving = frame.slice();
          if (rng.uniform() < 0.05) arriving[rng.integer(arriving.length)]! ^= 1 << rng.integer(8);
          const cut = rng.uniform() < 0.03 ? rng.integer(arriving.length) : arriving.length;
          // Each on its own way: late ones are overtaken.
          return {
            frame: arriving.subarray(0, cut),
            delay: 0.001 + rng.uniform(0, direction === 'to-robot' ? worst : 0.03),
          };
        });
      };
      const bench = await new LinkBench({ reconnect: 0.1 }).run();
      bench.fate = fate;
      for (let i = 0; i < 8; i++) {
        await bench.time.pass(rng.uniform(0.1, 1));
        if (rng.uniform() < 0.2) bench.cut();
        if (bench.state.guard.mode === 'stopped') bench.order('clear');
        await bench.time.pass(1.2);
        bench.order('arm');
        bench.order('start');
      }
      let before = 0;
      for (const { tick, state } of bench.shown) {
        const value = tick.sent[0]!;
        expect(Math.abs(value)).toBeLessThanOrEqual(1 + 1e-6);
        expect(Math.abs(value - before)).toBeLessThanOrEqual(8 * PERIOD + 1e-6);
        const { beatAt } = state.guard;
        if (tick.source !== 'hold')
          expect(tick.time - beatAt!).toBeLessThanOrEqual(defaultLimits.beatSilence + PERIOD);
        before = value;
      }
      await bench.end();
    }
  });
});
