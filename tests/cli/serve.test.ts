import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { WireMap } from '#src/wire/msgpack.js';
import { NdArray } from '#src/wire/ndarray.js';
import { Client } from '../serve/line-server.ts';
import { jepilot, start } from './jepilot.ts';

const picture = new NdArray('|u1', [64, 64, 3], new Uint8Array(64 * 64 * 3).fill(120));
const observation = { 'observation/image': picture, 'goal/seed': 1_000_000 };

/** Ids of the engines that a server has started. */
const childrenOf = (pid: number): number[] =>
  execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
    .trim()
    .split(/\s+/)
    .map(Number);

describe('jepilot serve', () => {
  it('plans on, when an engine is killed in the middle of a plan, and ends in good order', async () => {
    const server = start([
      'serve',
      'two-room',
      '--port',
      '0',
      '--engines',
      '2',
      '--threads',
      '1',
      '--provider',
      'cpu',
    ]);
    const [, port] = /ws:\/\/127\.0\.0\.1:(\d+)/.exec(await server.printed('serving two-room')) ?? [];
    using client = new Client(`ws://127.0.0.1:${port ?? ''}`);
    using other = new Client(`ws://127.0.0.1:${port ?? ''}`);
    using sly = new Client(`ws://127.0.0.1:${port ?? ''}/?planner=./evil.js`);
    expect(await sly.ended()).toBe(1008);
    expect(sly.end?.reason).toMatch(/over a connection planners go by name/);
    expect(await client.next()).toMatchObject({ task: 'two-room', action_horizon: 5 });
    await other.next();
    for (const one of [client, other]) {
      one.send(observation);
      expect(await one.next()).toMatchObject({ plan: { id: 1 } });
    }
    const engines = childrenOf(server.pid ?? 0);
    expect(engines).toHaveLength(2);
    for (const one of [client, other]) one.send({ ...observation, iterations: 8 });
    process.kill(engines[0] ?? 0, 'SIGKILL');
    // One of the two loses its engine in mid-plan, and is answered by the other engine.
    for (const one of [client, other]) {
      const reply = (await one.next()) as WireMap;
      expect((reply['actions'] as NdArray).shape).toEqual([15, 2]);
    }
    server.kill('SIGINT');
    const { code, stderr } = await server.ended;
    expect(code).toBe(130);
    expect(await client.ended()).toBe(1001);
    expect(stderr.match(/lost: ended with code 137/g)).toHaveLength(1);
    expect(stderr).not.toMatch(/terminate called|core dumped|Error:/);
  }, 120_000);

  it('refuses what it can’t serve in one line, and fails', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const refused: [string[], RegExp][] = [
      [['two-room', '--port', String(port)], /another program listens there; choose another --port/],
      [['two-room', '--host', '0.0.0.0'], /--host 0\.0\.0\.0 can be reached by others, so it needs a token/],
      [['chess'], /no task is called 'chess'/],
      [['two-room', '--planner', 'random'], /planner 'random' needs no model, so there is nothing to serve/],
      [['two-room', '--token-file', '/no/such/file'], /cannot read the token/],
      [['two-room', 'reacher', '--model', 'reacher'], /--model reacher goes with one task/],
      [['two-room', '--tls-cert', 'x'], /tls-key/],
    ];
    const ended = await Promise.all(refused.map(([args]) => jepilot('serve', ...args)));
    ended.forEach(({ code, stderr }, i) => {
      expect(code, stderr).toBe(1);
      expect(stderr).toMatch(refused[i]![1]);
      expect(
        stderr
          .trim()
          .split('\n')
          .filter((line) => line.startsWith('jepilot:')),
      ).toHaveLength(1);
    });
    taken.close();
  }, 120_000);
});
