import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Results } from '#src/evaluation/results.js';
import { jepilot, ROOT, start, type Ended } from './jepilot.ts';

// Processes that die and disks that fill take their time: scripts/check-evaluation.sh asks for them.
const isThorough = process.env['JEPILOT_CHECK_EVALUATION'] === '1';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'suite-'));
  writeFileSync(
    join(folder, 'small.yaml'),
    'suite: small\nepisodes: 5\ntasks: [two-room]\nplanners: [random, zero]\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (...path: string[]): string => join(folder, ...path);
const text = (...path: string[]): string => readFileSync(at(...path), 'utf8');
const lines = (...path: string[]): number =>
  existsSync(at(...path)) ? text(...path).split('\n').length - 1 : 0;

/** A task of two-room's whose simulator takes its whole process down while `condition` (of `fs`) holds. */
function crashingTask(name: string, condition: string): string {
  const file = at(`${name}.mjs`);
  writeFileSync(
    file,
    `import fs from 'node:fs';
import { twoRoom } from ${JSON.stringify(join(ROOT, 'dist/envs/two-room/task.js'))};
const { expert, ...task } = twoRoom;
export default {
  ...task,
  name: ${JSON.stringify(name)},
  tracks: [twoRoom.tracks[1]],
  actuate(physics, action) {
    if (${condition}) process.kill(process.pid, 'SIGKILL');
    physics.setControl(action);
  },
};
`,
  );
  return file;
}

describe('a suite', { timeout: 180_000 }, () => {
  it('killed in mid-run and cut in mid-record goes on to the same bytes as one worker in one go', async () => {
    const one = await jepilot('eval', at('small.yaml'), '--jobs', '1', '--out', at('one'));
    expect(one.code, one.stderr).toBe(0);
    const run = start(['eval', at('small.yaml'), '--jobs', '2', '--out', at('two')]);
    await new Promise<void>((done) => {
      const watch = setInterval(() => {
        if (lines('two', 'episodes.jsonl') < 3) return;
        clearInterval(watch);
        done();
      }, 20);
    });
    run.kill('SIGKILL');
    await run.ended;
    truncateSync(at('two', 'episodes.jsonl'), text('two', 'episodes.jsonl').length - 20);
    const again = await jepilot('eval', at('small.yaml'), '--jobs', '2', '--out', at('two'));
    expect(again.code, again.stderr).toBe(0);
    expect(again.stderr).toMatch(
      /episodes\.jsonl: cut \d+ bytes behind the last whole record; \d+ records are kept/,
    );
    expect(text('two', 'results.json')).toBe(text('one', 'results.json'));
    const results = JSON.parse(text('one', 'results.json')) as Results;
    expect(results).toMatchObject({
      complete: true,
      suite: 'small',
      cells: [{ label: 'random' }, { label: 'zero' }],
    });
    const page = text('one', 'report.html');
    expect(page).not.toMatch(/(?:src|href)="https?:/);
    expect(page).toMatch(/<svg/);
    expect(page).not.toMatch(/#0102/);
    expect(text('one', 'results.csv').split('\n')[0]).toMatch(/^cell,task,track,planner/);
  });

  it('judges: a missed success rate exits with 1 and a JUnit failure', async () => {
    const args = ['eval', at('small.yaml'), '--out', at('one'), '--baseline', at('one', 'results.json')];
    const same = await jepilot(...args, '--junit', at('junit.xml'));
    expect(same.code, same.stderr).toBe(0);
    expect(same.stderr).toMatch(/passed: baseline of two-room compat random: 5 pairs, 0 won and 0 lost/);
    const wanting = await jepilot(...args, '--min-success', 'two-room=0.9', '--junit', at('junit.xml'));
    expect(wanting.code).toBe(1);
    expect(wanting.stderr).toMatch(/FAILED: two-room compat random: success of at least 90.0 %/);
    expect(text('junit.xml')).toMatch(/failures="2"/);
  });

  it.skipIf(!isThorough)('costs an episode a retry when its worker dies', async () => {
    const file = crashingTask(
      'once',
      `!fs.existsSync(${JSON.stringify(at('died'))}) && !fs.writeFileSync(${JSON.stringify(at('died'))}, '')`,
    );
    const run = await jepilot(
      'eval',
      file,
      '--planner',
      'zero',
      '--episodes',
      '2',
      '--jobs',
      '1',
      '--out',
      at('once'),
    );
    expect(run.code, run.stderr).toBe(0);
    const [cell] = (JSON.parse(text('once', 'results.json')) as Results).cells;
    expect(cell).toMatchObject({ lost: [], summary: { episodes: 2, lost: 0 } });
  });

  it.skipIf(!isThorough)(
    'reports an episode that always takes its worker down, and counts it as a failure',
    async () => {
      const file = crashingTask('always', 'true');
      const run = await jepilot('eval', file, '--planner', 'zero', '--episodes', '1', '--out', at('always'));
      expect(run.stderr).toMatch(/lost: always far zero, episode 1000000: the worker ended \(SIGKILL\)/);
      const [cell] = (JSON.parse(text('always', 'results.json')) as Results).cells;
      expect(cell).toMatchObject({ summary: { episodes: 1, successes: 0, lost: 1 } });
    },
  );

  it.skipIf(!isThorough)('on a full disk keeps what was played, and goes on once there is room', async () => {
    const args = ['eval', at('small.yaml'), '--jobs', '1', '--out', at('full')];
    const full = await limited(2, args);
    expect(full.code).toBe(1);
    expect(full.stderr).toMatch(/cannot write .*\.jsonl: EFBIG.* run the same command again/);
    const again = await jepilot(...args);
    expect(again.code, again.stderr).toBe(0);
    expect(again.stderr).not.toMatch(/: cut/);
    expect(text('full', 'results.json')).toBe(text('one', 'results.json'));
  });
});

/** As a disk with room for files of so many KiB. */
const limited = (kib: number, args: readonly string[]): Promise<Ended> =>
  new Promise((done) => {
    const script = `trap "" XFSZ; ulimit -f ${kib}; exec "$0" "$@"`;
    const command = [process.execPath, join(ROOT, 'dist/src/cli/main.js'), ...args];
    const child = spawn('bash', ['-c', script, ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    child.on('close', (code) => done({ code, stdout, stderr }));
  });

describe('bad input of a suite gets one line and exit code 1', { timeout: 60_000 }, () => {
  const suite = (yaml: string): string => {
    const file = at('bad.yaml');
    writeFileSync(file, yaml);
    return file;
  };
  it.each([
    ['a key that is none', 'suite: a\ntasks: [two-room]\nplaners: [zero]', [], /bad\.yaml:3: 'planers'/],
    [
      'a track that is none',
      'suite: a\ntasks: [two-room]\ntracks: [near]',
      [],
      /no track of task 'two-room' is called 'near'; known: compat, far/,
    ],
    [
      'a reference that nobody has',
      'suite: a\ntasks: [two-room]\nplanners: [zero]\nreference: cem',
      [],
      /labelled 'cem'; known: zero/,
    ],
    [
      'a planner’s flag',
      'suite: a\ntasks: [two-room]',
      ['--planner', 'cem'],
      /--planner belongs to a task; write it into/,
    ],
    [
      'a baseline that is none',
      'suite: a\ntasks: [two-room]',
      ['--baseline', 'package.json'],
      /package\.json is no results file/,
    ],
    [
      'a rate that is none',
      'suite: a\ntasks: [two-room]',
      ['--min-success', 'two-room=90'],
      /--min-success two-room=90: expected TASK=RATE/,
    ],
    [
      'a Redis that is not there',
      'suite: a\ntasks: [two-room]\nplanners: [zero]',
      ['--queue', 'redis://127.0.0.1:1'],
      /cannot reach Redis at redis:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/,
    ],
  ])('%s', async (_name, yaml, more, message) => {
    const { code, stderr } = await jepilot('eval', suite(yaml), '--out', at('bad'), ...more);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n'), stderr).toHaveLength(1);
    expect(code).toBe(1);
  });
});
