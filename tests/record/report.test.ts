import { noCounts } from '../../src/control/counters.ts';
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { RunTrace } from '#src/record/run-record.js';
import { renderReport } from '#src/record/report/report.js';
import { completeRun } from '#src/record/summary.js';
import { evidence, picture, sampleTrace } from './sample-run.ts';

const render = (change: Partial<RunTrace> = {}, steps = 12) =>
  renderReport(completeRun({ ...sampleTrace(steps), ...change }));

/** Attributes and contents of every script element, as a browser would cut them. */
const scripts = (html: string) =>
  [...html.matchAll(/<script([^>]*)>([\s\S]*?)<\/script/g)].map(([, attributes = '', text = '']) => ({
    attributes,
    text,
  }));
const dataOf = (html: string) => JSON.parse(scripts(html)[0]!.text) as Record<string, unknown>;

/** Elements that HTML closes itself. */
const VOID = new Set(['meta', 'img', 'input', 'br', 'link']);

/** Every element closed in order; returns the ids seen. */
function checkNesting(html: string): string[] {
  const open: string[] = [];
  const ids: string[] = [];
  const text = html.replace(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, '');
  for (const [tag, slash, name = '', attributes = ''] of text.matchAll(/<(\/?)([a-z0-9]+)([^>]*)>/g)) {
    ids.push(...[...attributes.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]!));
    if (slash) expect(open.pop()).toBe(name);
    else if (!VOID.has(name) && !tag.endsWith('/>')) open.push(name);
  }
  expect(open).toEqual([]);
  return ids;
}

describe('renderReport', () => {
  it('loads nothing from anywhere', () => {
    const html = render();
    expect(html).not.toMatch(/(?:src|href|action|data)\s*=\s*["']?\s*(?:https?:)?\/\//i);
    expect(html).not.toMatch(/url\(\s*["']?(?:https?:)?\/\//i);
    expect(html).not.toMatch(/@import|<link|<iframe|fetch\(|XMLHttpRequest|new WebSocket|importScripts/i);
    expect(html).toContain("default-src 'none'");
    const sources = [...html.matchAll(/\ssrc="([^"]{0,30})/g)].map((match) => match[1]!);
    expect(sources).toHaveLength(2);
    expect(sources.every((source) => source.startsWith('data:image/png;base64,'))).toBe(true);
  });

  it('is well formed, with every id once, and every id that its script asks for', () => {
    const html = render();
    const ids = checkNesting(html);
    expect(new Set(ids).size).toBe(ids.length);
    const program = scripts(html).at(-1)!.text;
    const asked = [...program.matchAll(/byId\('([^']+)'\)/g)].map((match) => match[1]!);
    expect(asked.length).toBeGreaterThan(10);
    for (const id of asked) expect(ids).toContain(id);
    for (const chart of ['progress', 'actions', 'cost', 'latency']) expect(ids).toContain(`plot-${chart}`);
  });

  it('has programs that parse', () => {
    const programs = scripts(render()).filter(({ attributes }) => attributes === '');
    expect(programs).toHaveLength(2);
    for (const { text } of programs) expect(() => new Script(text)).not.toThrow();
  });

  it('is no way for a name to become markup', () => {
    const evil = '</script><script>alert(1)</script><!-- "quoted" \u2028';
    const change = {
      task: evil,
      about: evil,
      command: evil,
      plannerName: evil,
      modelName: evil,
      stopped: evil,
      successStep: null,
      distanceUnit: evil,
      actionNames: [evil, evil],
      config: { [evil]: evil },
      provider: { used: evil, rejected: [{ name: evil, reason: evil }] },
    };
    const html = render(change);
    expect(html).not.toContain('<script>alert');
    expect(html).not.toContain('</script><!--');
    expect(scripts(html)).toHaveLength(3);
    checkNesting(html);
    expect(dataOf(html)['names']).toEqual([evil, evil]);
  });

  it('carries the curves', () => {
    const data = dataOf(render());
    expect(data).toMatchObject({ period: 0.1, steps: 12, repeat: 2, success: 12, sources: 'hpppptpppppp' });
    expect(data['plans']).toHaveLength(3);
    expect((data['plans'] as object[])[1]).toMatchObject({
      step: 4,
      toGo: 8,
      imagined: [6, 4],
      first: 9,
      last: 6.5,
    });
    expect((data['sent'] as number[][])[0]!.slice(0, 2)).toEqual([0, 0.1]);
    expect(data['distances']).toHaveLength(13);
  });

  it('says the outcome, the set-up and how to run it again', () => {
    const html = render();
    expect(html).toContain('<h1>Reached the goal after 12 steps (1.2 s).</h1>');
    expect(html).toContain('planner.horizon');
    expect(html).toContain('jepilot run sample --seed 3');
    expect(html).toContain('not cuda');
    expect(render({ successStep: null })).toContain('<h1>Did not reach the goal');
    expect(render({ successStep: null, distances: [] })).toContain('outcome open');
  });

  it('leaves out the charts that have nothing to show', () => {
    const html = render({ plans: [], modelName: null, provider: null });
    const ids = checkNesting(html);
    expect(ids).not.toContain('plot-cost');
    expect(ids).not.toContain('plot-latency');
    expect(html).toContain('This policy predicts no time to go.');
    expect(html).toContain('Distance to the goal');
  });

  it('draws nothing for plans that cost nothing, and for a run that never moved', () => {
    const plans = sampleTrace().plans.map((plan) => ({
      ...plan,
      evidence: { ...evidence(null), costs: [], encodeMs: 0, searchMs: 0, totalMs: 0 },
    }));
    const ids = checkNesting(render({ plans, ticks: [], distances: [] }));
    expect(ids.filter((id) => id.startsWith('plot-'))).toEqual([]);
  });

  it('shows the cadence of a run in real time', () => {
    const quantiles = { p50: 0.2, p95: 1, p99: 2, max: 7 };
    const cadence = {
      targetHz: 10,
      achievedHz: 9.97,
      latenessMs: quantiles,
      lateTicks: 1,
      skippedTicks: 0,
      planMs: quantiles,
      partsMs: { queue: null, encode: quantiles, search: quantiles, link: null },
      observationAgeMs: null,
      counters: {
        ...noCounts,
        ticks: 12,
        plans: 3,
        tails: 1,
        holds: { ...noCounts.holds, 'no-plan-yet': 2 },
      },
    };
    const html = render({ cadence, mode: 'realtime' });
    expect(html).toContain('9.97 of 10 Hz');
    expect(html).toContain('held: no plan yet');
    expect(html).not.toContain('held: plan exhausted');
  });

  it('survives numbers that are none', () => {
    const plans = sampleTrace().plans.map((plan) => ({
      ...plan,
      evidence: { ...plan.evidence, costs: [NaN, Infinity], timeToGo: NaN, imaginedTimeToGo: [NaN] },
    }));
    const data = dataOf(render({ plans, distances: [NaN, Infinity] }));
    expect(data['distances']).toEqual([null, null]);
    expect((data['plans'] as object[])[0]).toMatchObject({
      first: null,
      last: null,
      toGo: null,
      imagined: [null],
    });
  });

  it('stays under 3 MB for 200 steps of 64×64', () => {
    const frames = Array.from({ length: 201 }, (_, step) => ({ step, image: picture(step % 60, 64, 64) }));
    expect(render({ frames }, 200).length).toBeLessThan(3_000_000);
  });
});
