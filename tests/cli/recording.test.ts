import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecording } from '#src/record/recording.js';
import { jepilot, start } from './jepilot.ts';

let folder: string;
const file = (...path: string[]): string => join(folder, ...path);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'recording-'));
  // Real time at 50 Hz: what is replayed was made under the wall clock, with plans a step late.
  await jepilot('run', 'two-room', '--rate', '50', '--seed', '1700001', '--out', file('run'));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe('a run that is killed', () => {
  it('loses at most the last second of its recording', async () => {
    const run = start(['run', 'two-room', '--planner', 'zero', '--rate', '20', '--out', file('killed')]);
    await run.said('step 41/');
    run.kill('SIGKILL');
    await run.ended;
    const { code, stdout, stderr } = await jepilot('repair', file('killed/run.mcap'), '--json');
    expect(code, stderr).toBe(0);
    const repaired = JSON.parse(stdout) as { file: string; ended: boolean };
    expect(repaired.ended).toBe(false);
    const { sent, result } = await readRecording(repaired.file);
    expect(result).toBeNull();
    expect(sent.at(-1)!.step).toBeGreaterThanOrEqual(40 - 20);
    expect(sent.map(({ step }) => step)).toEqual(sent.map((_, i) => i));
  });
});

describe('jepilot replay', () => {
  it('shows every recorded state and pixel again, and the recorded planner makes its plans again', async () => {
    const open = await jepilot('replay', file('run/run.mcap'));
    expect(open.stdout).toMatch(/^\d+ steps, every state and pixel as recorded; the goal is reached/);
    const { stdout } = await jepilot(
      'replay',
      file('run/run.mcap'),
      '--replan',
      '--planner',
      'icem,zero',
      '--json',
    );
    const [icem, zero] = JSON.parse(stdout) as { plans: { identical: boolean }[] }[];
    expect(icem!.plans.length).toBeGreaterThan(1);
    expect(icem!.plans.every(({ identical }) => identical)).toBe(true);
    expect(zero!.plans.some(({ identical }) => identical)).toBe(false);
  });

  it('puts two runs side by side', async () => {
    await jepilot(
      'run',
      'two-room',
      '--fast',
      '--seed',
      '1700001',
      '--record',
      file('b.mcap'),
      '--out',
      file('b'),
    );
    expect(existsSync(file('b/run.mcap'))).toBe(false);
    const report = file('ab.html');
    const { stdout } = await jepilot(
      'replay',
      file('run/run.mcap'),
      '--compare',
      file('b.mcap'),
      '--report',
      report,
    );
    expect(stdout).toMatch(/same start; commands differ from step 0 on/);
    expect(readFileSync(report, 'utf8')).not.toMatch(/(?:src|href)="https?:/);
  });
});

describe('what a user can get wrong', () => {
  it.each([[['inspect', 'package.json'], /package\.json is no MCAP recording: it begins otherwise/]])(
    '%j',
    async (args, message) => {
      const { code, stderr } = await jepilot(...args);
      expect(code).toBe(1);
      expect(stderr).toMatch(message);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    },
  );

  it('is not to be overwritten: a recording that exists', async () => {
    const { code, stderr } = await jepilot(
      'run',
      'two-room',
      '--fast',
      '--record',
      file('run/run.mcap'),
      '--out',
      file('c'),
    );
    expect([code, stderr.trim()]).toEqual([
      1,
      expect.stringMatching(/run\.mcap: it exists; name a new file/),
    ]);
  });

  it('is a task that is not here', async () => {
    const { stderr } = await jepilot('replay', file('run/run.mcap'), '--task', 'none');
    expect(stderr).toMatch(/is of task 'two-room': .*'none'.*give the module of that task with --task/);
  });
});
