import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationResult } from '#src/evaluation/summary.js';
import { twoRoom } from '#envs/two-room/task.js';
import { mujocoEnvironment } from '#src/env/mujoco-environment.js';
import { encodePng } from '#src/record/png.js';
import { readRecording } from '#src/record/recording.js';
import type { RunResult } from '#src/record/run-record.js';
import { jepilot, ROOT, start } from './jepilot.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = (...path: string[]): string => readFileSync(join(folder, ...path), 'utf8');
const json = <T>(...path: string[]): T => JSON.parse(text(...path)) as T;

const recordingOf = (run: string) => readRecording(join(folder, run, 'run.mcap'));
const actionsOf = async (run: string): Promise<number[][]> =>
  (await recordingOf(run)).sent.map(({ values }) => values);

describe('jepilot run', () => {
  it('reaches the goal, leaves a whole folder, and does the same again for the same seed', async () => {
    const one = await jepilot(
      'run',
      'two-room',
      '--fast',
      '--seed',
      '1700001',
      '--out',
      join(folder, 'one'),
      '--json',
      '--gif',
      join(folder, 'one.gif'),
    );
    expect(one.code, one.stderr).toBe(0);
    const result = JSON.parse(one.stdout) as RunResult;
    expect(result).toMatchObject({
      task: 'two-room',
      success: true,
      mode: 'fast',
      provider: 'cpu',
      holds: 0,
    });
    for (const file of ['config.json', 'result.json', 'run.mcap', 'report.html']) {
      expect(existsSync(join(folder, 'one', file)), file).toBe(true);
    }
    expect(text('one', 'report.html')).not.toMatch(/(?:src|href)="https?:/);
    expect(readFileSync(join(folder, 'one.gif')).subarray(0, 6).toString()).toBe('GIF89a');
    await jepilot(
      'run',
      'two-room',
      '--config',
      join(folder, 'one', 'config.json'),
      '--out',
      join(folder, 'two'),
    );
    expect(await actionsOf('two')).toEqual(await actionsOf('one'));
    await jepilot('run', 'two-room', '--fast', '--seed', '1700002', '--out', join(folder, 'three'));
    expect(await actionsOf('three')).not.toEqual(await actionsOf('one'));
  });

  it('keeps its clock in real time and reports the cadence', async () => {
    const run = await jepilot('run', 'two-room', '--rate', '50', '--out', join(folder, 'real'), '--json');
    const result = JSON.parse(run.stdout) as RunResult & { cadence: { targetHz: number; planMs: unknown } };
    expect(result).toMatchObject({ success: true, mode: 'realtime', cadence: { targetHz: 50 } });
  });

  it('goes for a picture of the user', async () => {
    using environment = await mujocoEnvironment(twoRoom);
    environment.reset({ seed: 1_700_003, track: 'compat', variation: {} });
    writeFileSync(join(folder, 'goal.png'), encodePng(environment.render(environment.goal()).images['top']!));
    const own = await jepilot('run', 'two-room', '--fast', '--seed', '1700003', '--out', join(folder, 'own'));
    const picture = await jepilot(
      'run',
      'two-room',
      '--fast',
      '--seed',
      '1700003',
      '--goal',
      join(folder, 'goal.png'),
      '--out',
      join(folder, 'picture'),
    );
    expect([own.code, picture.code]).toEqual([0, 0]);
    const acted = await actionsOf('own');
    expect((await actionsOf('picture')).slice(0, acted.length)).toEqual(acted);
  });

  it('ends in a hold on SIGINT, and still leaves its report', async () => {
    const run = start(['run', 'two-room', '--planner', 'zero', '--out', join(folder, 'stopped')]);
    await run.said('step 1/');
    run.kill('SIGINT');
    const { code } = await run.ended;
    expect(code).toBe(130);
    const { sent, result } = await recordingOf('stopped');
    expect(sent.at(-1)).toMatchObject({ source: 'hold', reason: 'stopping', values: [0, 0] });
    expect(result).toMatchObject({ stopped: 'interrupted' });
    expect(text('stopped', 'report.html')).toMatch(/Stopped after/);
  });
});

describe('jepilot eval', () => {
  it('gives the same episodes and actions for one worker and for two', async () => {
    const results = [];
    for (const jobs of ['1', '2']) {
      const file = `eval-${jobs}.json`;
      const { code, stderr } = await jepilot(
        'eval',
        'two-room',
        '--episodes',
        '6',
        '--seed',
        '1700010',
        '--jobs',
        jobs,
        '--json',
        join(folder, file),
      );
      expect(code, stderr).toBe(0);
      results.push(json<EvaluationResult>(file));
    }
    const [one, two] = results;
    const facts = (r: EvaluationResult) =>
      r.records.map(({ seed, success, steps, actions }) => ({ seed, success, steps, actions }));
    expect(facts(two!)).toEqual(facts(one!));
    expect(one).toMatchObject({
      task: 'two-room',
      model: 'two-room',
      track: 'compat',
      episodes: 6,
      seed: 1_700_010,
    });
    for (const key of [
      'planner',
      'successes',
      'rate',
      'low',
      'high',
      'stepsToSuccess',
      'planMs',
      'provider',
      'version',
    ]) {
      expect(one).toHaveProperty(key);
    }
  });
});

describe('the built command', () => {
  it('can be executed by itself, as npx does in the checkout', () => {
    const mode = statSync(join(ROOT, 'dist/src/cli/main.js')).mode;
    expect(mode & 0o111).toBe(0o111);
  });
});

describe('lists', () => {
  it.each(['tasks', 'planners', 'models'])('%s prints a table and JSON', async (list) => {
    const table = await jepilot(list);
    expect(table.code).toBe(0);
    expect(table.stdout.trim().split('\n').length).toBeGreaterThan(2);
    const entries = JSON.parse((await jepilot(list, '--json')).stdout) as { name: string }[];
    expect(entries.length).toBeGreaterThan(1);
  });
});
