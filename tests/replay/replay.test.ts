import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runVirtual } from '#src/control/virtual-loop.js';
import { factsOf } from '#src/record/about.js';
import { RunFeed } from '#src/record/feed/run-feed.js';
import { readRecording, type Recording } from '#src/record/recording.js';
import { compareRecordings } from '#src/replay/compare.js';
import { replayOpenLoop } from '#src/replay/open-loop.js';
import { replan } from '#src/replay/replan.js';
import { LineEnvironment } from '../fakes/line-environment.ts';
import { LinePolicy } from '../fakes/line-policy.ts';
import { MemorySink } from '../record/memory-sink.ts';
import { facts, recorderInto, resultFacts } from '../record/sample-recording.ts';

const episode = { seed: 5, track: 'pair', variation: {} };

/** Plays the line with a plan every third step, two steps late, and records it. */
async function recorded(path: string, policy: LinePolicy, seed = 5): Promise<Recording> {
  const environment = new LineEnvironment(30);
  environment.reset({ ...episode, seed });
  const { physics, step, met } = environment.snapshot();
  const { actionSpec, stateNames, cameras } = environment;
  const { names, minimum, maximum, mode } = actionSpec;
  const run = {
    ...facts,
    ...{ task: 'line', episode: { ...episode, seed }, variation: {}, stateNames, cameras },
    start: { physics: Array.from(physics), step, met },
    action: { names: [...names], minimum: [...minimum], maximum: [...maximum], mode },
  };
  const sink = new MemorySink();
  const recorder = recorderInto(sink, { run: factsOf(run) });
  const feed = new RunFeed({ stateNames, controlPeriod: 0.1, seed, now: () => 0 });
  recorder.follow(feed.message$);
  feed.goal(environment.render(environment.goal()));
  await runVirtual({
    environment,
    policy,
    config: { latency: 2, replanInterval: 3 },
    episode: { ...episode, seed },
    budget: { iterations: 1 },
    onTick: (tick) => feed.tick(tick),
    onPlan: (plan, observedStep) => feed.plan(plan, observedStep),
    onTimeStep: (timeStep) => feed.timeStep(timeStep),
  });
  await recorder.close(resultFacts);
  writeFileSync(path, sink.bytes);
  return readRecording(path);
}

let folder: string;
let recording: Recording;
const policy = new LinePolicy({ window: 2 });
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'replay-'));
  recording = await recorded(join(folder, 'a.mcap'), policy);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('replayOpenLoop', () => {
  it('shows every state and pixel of the recording again', () => {
    const result = replayOpenLoop(new LineEnvironment(30), recording);
    expect(result).toMatchObject({ identical: true, divergesAt: null, maxStateError: 0, success: true });
    expect(result.steps).toHaveLength(31);
  });

  it('tells from which step on another action leads elsewhere', () => {
    const sent = recording.sent.map((row) => (row.step === 7 ? { ...row, values: [-1] } : row));
    const result = replayOpenLoop(new LineEnvironment(30), { ...recording, sent });
    expect(result).toMatchObject({ identical: false, divergesAt: 8 });
    expect(result.maxStateError).toBeGreaterThan(0.05);
  });

  it('starts from the recorded state, whatever the seed would draw today', () => {
    const run = { ...recording.run, episode: { ...episode, seed: 6 } };
    expect(replayOpenLoop(new LineEnvironment(30), { ...recording, run }).maxStateError).toBe(0);
  });

  it('refuses what it cannot replay, and says why', () => {
    const sent = recording.sent.filter(({ step }) => step !== 4);
    const replay = (change: Partial<Recording>) => () =>
      replayOpenLoop(new LineEnvironment(30), { ...recording, ...change });
    expect(replay({ sent })).toThrow(/a\.mcap lacks the action of step 4/);
    expect(replay({ run: { ...recording.run, start: null } })).toThrow(/has no start: only a simulated run/);
    const start = { physics: [1, 2], step: 0, met: 0 };
    expect(replay({ run: { ...recording.run, start } })).toThrow(
      /a state of 2 values; task 'line' now has 1/,
    );
  });
});

describe('replan', () => {
  it('asks the planner what the run asked it, and gets the same plans', async () => {
    const again = new LinePolicy({ window: 2 });
    const { plans } = await replan(recording, { policy: again, planner: 'line', iterations: null });
    expect(plans).toHaveLength(policy.plans.length);
    expect(plans.every(({ identical }) => identical)).toBe(true);
    const asked = (p: LinePolicy) =>
      p.requests.map(({ observations, executed, committed }) => ({
        seen: observations.map(({ step, state }) => [step, ...state]),
        executed: [...executed.data],
        committed: [...committed.data],
      }));
    expect(asked(again)).toEqual(asked(policy));
  });

  it('says how far another planner is from what was sent, as a share of the range', async () => {
    const still = new LinePolicy({ window: 2 });
    await still.reset({ seed: 0, goal: { kind: 'latent', value: { shape: [1], data: Float32Array.of(0) } } });
    const start = recording.frames[0]!;
    const goals = [{ ...recording.goals[0]!, state: start.state }];
    const { plans } = await replan(
      { ...recording, goals },
      { policy: still, planner: 'line', iterations: null },
    );
    expect(plans[0]).toMatchObject({ identical: false, fromPlan: 0.5 });
  });

  it('needs the observations that were planned from, and no simulator', async () => {
    const frames = recording.frames.filter(({ step }) => step !== 3);
    const ask = { policy: new LinePolicy(), planner: 'line', iterations: null };
    await expect(replan({ ...recording, frames }, ask)).rejects.toThrow(/lacks the observation of step 3/);
    await expect(replan({ ...recording, goals: [] }, ask)).rejects.toThrow(/no goal picture/);
    const privileged = { ...ask, policy: new LinePolicy({ privileged: true }) };
    await expect(replan(recording, privileged)).rejects.toThrow(/needs the simulator's state/);
  });
});

describe('compareRecordings', () => {
  it('finds a run equal to itself, and says where two part', async () => {
    expect(compareRecordings(recording, recording)).toMatchObject({
      sameStart: true,
      commandsDifferAt: null,
      statesDifferAt: null,
    });
    const short = await recorded(
      join(folder, 'b.mcap'),
      new LinePolicy({ failure: (n) => (n < 3 ? new Error('not yet') : undefined) }),
    );
    const { runs, ...apart } = compareRecordings(recording, short);
    expect(apart).toMatchObject({ sameStart: true });
    expect(runs[0].holds).toBeLessThan(runs[1].holds);
    expect(apart.statesDifferAt).toBe((apart.commandsDifferAt ?? NaN) + 1);
  });

  it('compares no different tasks', () => {
    const other = { ...recording, run: { ...recording.run, task: 'reacher' } };
    expect(() => compareRecordings(recording, other)).toThrow(/task 'line'.*'reacher'/);
  });
});
