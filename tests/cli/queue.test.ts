import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jepilot, start, type Jepilot } from './jepilot.ts';

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
// Processes of every kind take their time; scripts/check-queue.sh runs this, and CI runs that.
const isWanted = process.env['JEPILOT_CHECK_QUEUE'] === '1';
const reason = !hasRedis ? 'there is no redis-server' : isWanted ? '' : 'JEPILOT_CHECK_QUEUE is not 1';

let folder: string;
let port: number;
let redis: ChildProcess;

const freePort = (): Promise<number> =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as AddressInfo;
      server.close(() => done(free));
    });
  });

const startRedis = (): Promise<ChildProcess> =>
  new Promise((done) => {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
    const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    server.stdout.on('data', (data: Buffer) => {
      if (data.toString().includes('Ready to accept connections')) done(server);
    });
  });

const address = (): string => `redis://127.0.0.1:${port}`;
const worker = (name: string): Jepilot => start(['worker', '--queue', address(), '--name', name]);
const text = (...path: string[]): string => readFileSync(join(folder, ...path), 'utf8');
const evaluate = (out: string, ...more: string[]): Jepilot =>
  start(['eval', join(folder, 'q.yaml'), '--out', join(folder, out), ...more]);

describe.skipIf(reason !== '')(`the queue${reason && ` (skipped: ${reason})`}`, () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'queue-'));
    port = await freePort();
    redis = await startRedis();
    writeFileSync(
      join(folder, 'q.yaml'),
      'suite: q\nepisodes: 12\ntasks: [two-room]\nplanners: [random, zero]\n',
    );
    const local = await evaluate('local').ended;
    expect(local.code, local.stderr).toBe(0);
  }, 120_000);
  afterAll(() => {
    redis.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('gives what one machine gives, episode for episode, though a worker is killed in mid-run', async () => {
    const [one, two] = [worker('one'), worker('two')];
    const run = evaluate('queued', '--queue', address());
    await run.said('eval 5/24');
    one.kill('SIGKILL');
    const { code, stderr } = await run.ended;
    expect(code, stderr).toBe(0);
    expect(text('queued', 'results.json')).toBe(text('local', 'results.json'));
    two.kill('SIGTERM');
    expect((await two.ended).stderr).toMatch(/worker 'two': \d+ orders, ended/);
  }, 180_000);

  it('outlives a Redis that goes and comes back empty', async () => {
    const one = worker('patient');
    writeFileSync(join(folder, 'q2.yaml'), text('q.yaml').replace('two-room]', 'reacher]'));
    const args = ['eval', join(folder, 'q2.yaml'), '--out'];
    const run = start([...args, join(folder, 'gone'), '--queue', address()]);
    await run.said('eval 5/24');
    redis.kill('SIGKILL');
    redis = await startRedis();
    const { code, stderr } = await run.ended;
    expect(code, stderr).toBe(0);
    const local = await start([...args, join(folder, 'local2')]).ended;
    expect(local.code, local.stderr).toBe(0);
    expect(text('gone', 'results.json')).toBe(text('local2', 'results.json'));
    one.kill('SIGTERM');
    await one.ended;
  }, 240_000);

  it('refuses a worker of another version, by name', async () => {
    const queue = new Queue('jepilot-eval', { connection: { host: '127.0.0.1', port } });
    await queue.add('order', { order: {}, version: '99.0.0', model: null }, { jobId: 'of-the-future' });
    const { code, stderr } = await jepilot('worker', '--queue', address(), '--name', 'old');
    await queue.remove('of-the-future');
    await queue.close();
    expect(stderr).toMatch(/worker 'old' is refused: it runs version .*; the suite was planned by 99\.0\.0/);
    expect(code).toBe(1);
  }, 60_000);
});
