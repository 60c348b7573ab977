import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ROOT, start as startCommand, type Jepilot } from './jepilot.ts';

const CERT = join(ROOT, 'tests/fixtures/tls/cert.pem');
const KEY = join(ROOT, 'tests/fixtures/tls/key.pem');
const token = 'a-token-of-forty-characters-for-the-test';
const tls = ['--tls-cert', CERT, '--tls-key', KEY];

/** Starts a command with the token in its environment, where tokens belong. */
const start = (args: readonly string[], withToken = true): Jepilot =>
  startCommand(args, ROOT, { ...process.env, ...(withToken && { JEPILOT_TOKEN: token }) });

describe('jepilot serve for others than this machine', { timeout: 120_000 }, () => {
  let server: Jepilot;
  let port = '';
  beforeAll(async () => {
    const where = ['--host', '0.0.0.0', '--port', '0', ...tls, '--allow-origin', 'https://lab.example'];
    server = start(['serve', 'two-room', ...where, '--threads', '1', '--provider', 'cpu']);
    [, port = ''] = /wss:\/\/0\.0\.0\.0:(\d+)/.exec(await server.printed('\n')) ?? [];
  }, 60_000);
  afterAll(async () => {
    server.kill('SIGINT');
    await server.ended;
  });

  /** 101 for a socket that opens; else the status of the refusal, or what went wrong. */
  const knock = (headers: Record<string, string>, scheme = 'wss'): Promise<number | string> =>
    new Promise((done) => {
      const socket = new WebSocket(`${scheme}://localhost:${port}/`, { ca: readFileSync(CERT), headers });
      socket.on('open', () => {
        socket.terminate();
        done(101);
      });
      socket.on('unexpected-response', (request, response) => {
        request.destroy();
        done(response.statusCode ?? 0);
      });
      socket.on('error', (error) => done(error.message));
    });

  it('speaks TLS, and lets in who has the token and, from a web page, a listed origin', async () => {
    const authorization = `Bearer ${token}`;
    expect(await knock({})).toBe(401);
    expect(await knock({ authorization: 'Bearer nonsense' })).toBe(401);
    expect(await knock({ authorization })).toBe(101);
    expect(await knock({ authorization, origin: 'https://lab.example' })).toBe(101);
    expect(await knock({ authorization, origin: 'https://evil.example' })).toBe(403);
    expect(await knock({ authorization }, 'ws')).toMatch(/hang up|ECONNRESET/);
  });

  it('plans for a robot that knows its certificate and the token, and for no other', async () => {
    const url = `wss://localhost:${port}`;
    const robot = ['agent', 'two-room', '--server', url, '--seed', '1000000', '--rate', '20', '--json'];
    const known = await start([...robot, '--ca', CERT]).ended;
    expect(known.code, known.stderr).toBe(0);
    expect(JSON.parse(known.stdout)).toMatchObject({ episodes: [{ success: true }] });
    const stranger = await start(robot).ended;
    expect(stranger.code).toBe(4);
    expect(stranger.stderr).toMatch(/self-signed certificate/);
    const { code, stderr } = await start([...robot, '--ca', CERT], false).ended;
    expect(code).toBe(4);
    expect(stderr).toMatch(/401/);
  });

  it('does not start without a token', async () => {
    const { code, stderr } = await start(
      ['serve', 'two-room', '--host', '0.0.0.0', '--port', '0', ...tls],
      false,
    ).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^jepilot: .*JEPILOT_TOKEN.*\n$/);
  });
});
