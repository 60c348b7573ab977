import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRecording } from '../../src/record/recording.ts';
import { jepilot, start, type Jepilot } from './jepilot.ts';

/** A robot end that waits to be planned for. */
async function waiting(port: string, ...more: string[]): Promise<{ robot: Jepilot; url: string }> {
  const robot = start(['agent', 'two-room', '--listen', port, '--seed', '1000000', ...more]);
  const [url = ''] = /ws:\S+/.exec(await robot.said('waiting for a planning end')) ?? [];
  return { robot, url };
}

describe('jepilot drive of a native robot', { timeout: 120_000 }, () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'native-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('looks it over, arms it, and records what the robot executed', async () => {
    const { robot, url } = await waiting('0', '--track', 'far');
    const look = await jepilot('drive', '--robot', url, '--check');
    expect([look.stdout, look.code], look.stderr).toEqual(['ready to arm\n', 0]);
    const drive = await jepilot(
      'drive',
      '--robot',
      url,
      '--arm',
      '--record',
      folder,
      '--steps',
      '15',
      '--json',
    );
    expect(drive.code, drive.stderr).toBe(0);
    expect(JSON.parse(drive.stdout)).toMatchObject({ armed: true, reason: '15 steps' });
    robot.kill('SIGINT');
    await robot.ended;
    const [file = ''] = readdirSync(folder);
    const recording = await readRecording(join(folder, file));
    const acted = recording.sent.filter(({ source }) => source === 'plan');
    expect(acted.length).toBeGreaterThanOrEqual(15);
    expect(recording.plans.length).toBeGreaterThan(2);
    const planned = await jepilot('replay', join(folder, file), '--replan');
    expect(planned.code, planned.stderr).toBe(0);
  });

  it('waits for a lost robot, and leaves it idle when it is back', async () => {
    const { robot, url } = await waiting('0');
    const drive = start(['drive', '--robot', url, '--arm', '--reconnect', '0.3']);
    await drive.said('the robot is running');
    robot.kill('SIGKILL');
    await drive.said('the robot is idle when it is back');
    const { robot: back } = await waiting(new URL(url).port, '--json');
    await new Promise((done) => setTimeout(done, 4000));
    drive.kill('SIGINT');
    const { stderr, code } = await drive.ended;
    back.kill('SIGINT');
    const { stdout } = await back.ended;
    expect(code).toBe(130);
    const after = stderr.slice(stderr.indexOf('the robot is idle when it is back'));
    expect(after).toMatch(/robot '\S+', task 'two-room'/);
    expect(after).not.toMatch(/the robot is (armed|running)/);
    expect(stdout).toMatch(/idle|not-armed/);
  });
});
