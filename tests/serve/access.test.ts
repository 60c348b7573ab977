import { describe, expect, it, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { checkAccess, RateLimit } from '#src/serve/access.js';
import { startServer } from '#src/serve/server.js';
import { outbox } from '#src/serve/outbox.js';
import { Client, lineServer } from './line-server.ts';

const token = 'a-token-of-sixteen-or-more';
const refusedWith = async (url: string, headers: Record<string, string>): Promise<number | null> => {
  using client = new Client(url, { headers });
  return (await client.next()) === null ? client.refused : null;
};

describe('who may come in', () => {
  it('listens to others only with a token, and with none that can be guessed', () => {
    for (const host of ['0.0.0.0', '::', '192.168.0.7', 'robot.local'])
      expect(() => checkAccess(host, null)).toThrow(expect.objectContaining({ code: 'invalid-value' }));
    for (const host of ['127.0.0.1', '127.8.8.8', '::1', 'localhost']) checkAccess(host, null);
    checkAccess('0.0.0.0', token);
    expect(() => checkAccess('127.0.0.1', 'short')).toThrow(
      expect.objectContaining({ code: 'invalid-value' }),
    );
  });

  it('wants the token as Bearer, Api-Key or the password of Basic', async () => {
    await using server = await lineServer({ token });
    const basic = Buffer.from(`anybody:${token}`).toString('base64');
    for (const authorization of [`Bearer ${token}`, `Api-Key ${token}`, `Basic ${basic}`]) {
      using client = new Client(server.url, { headers: { authorization } });
      expect(await client.next(), authorization).toMatchObject({ server: 'jepilot' });
    }
    for (const authorization of ['', 'Bearer', 'Bearer wrong', `Digest ${token}`, `Bearer ${token}x`])
      expect(await refusedWith(server.url, { authorization }), authorization).toBe(401);
  });

  it('turns web pages away whose origin is not listed, its own host’s included', async () => {
    await using server = await lineServer({ origins: ['https://viewer.example'] });
    using listed = new Client(server.url, { headers: { origin: 'https://viewer.example' } });
    expect(await listed.next()).toMatchObject({ server: 'jepilot' });
    for (const origin of ['https://evil.example', server.http, 'null'])
      expect(await refusedWith(server.url, { origin }), origin).toBe(403);
    expect(await refusedWith(server.url, { host: `evil.example:${server.port}` })).toBe(403);
  });

  it('limits connections, and how fast one address may open them', async () => {
    await using server = await lineServer({ connections: 1 });
    using one = new Client(server.url);
    await one.next();
    expect(await refusedWith(server.url, {})).toBe(503);
    await using slow = await lineServer({ upgradesPerSecond: 0.5 });
    expect(await refusedWith(`${slow.url}/nowhere`, {})).toBe(404);
    expect(await refusedWith(slow.url, {})).toBe(429);
    expect(slow.events.filter((event) => event.kind === 'refused')).toMatchObject([
      { status: 404 },
      { status: 429 },
    ]);
  });

  it('refills a bucket with time, for each address', () => {
    let now = 0;
    const rate = new RateLimit(2, () => now);
    const taken = (address: string): number =>
      Array.from({ length: 9 }).filter(() => rate.take(address)).length;
    expect([taken('a'), taken('a'), taken('b')]).toEqual([4, 0, 4]);
    now = 1;
    expect(taken('a')).toBe(2);
    for (let i = 0; i < 3000; i++) rate.take(`flood ${i}`);
    now = 1.5;
    expect(taken('a')).toBe(1);
  });
});

describe('the server', () => {
  it('speaks only the subprotocols that it has, and closes what sends too much', async () => {
    await using server = await lineServer({ protocol: { subprotocols: ['x.v2', 'x.v1'], maxPayload: 100 } });
    expect(await refusedWith(server.url, {})).toBe(400);
    using client = new Client(server.url, { subprotocols: ['x.v1', 'x.v2'] });
    await client.next();
    expect(client.socket.protocol).toBe('x.v2');
    client.send(new Uint8Array(101));
    expect(await client.ended()).toBe(1009);
  });

  it('cuts off who has not answered a ping when the next one is due, and nobody else', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      await using server = await lineServer();
      using alive = new Client(server.url);
      using dead = new Client(server.url, { autoPong: false });
      await Promise.all([alive.next(), dead.next()]);
      const pinged = new Promise((done) => alive.socket.once('ping', done));
      vi.advanceTimersByTime(15_000);
      await pinged;
      await new Promise((done) => setTimeout(done, 50)); // the pong's way back
      vi.advanceTimersByTime(15_000);
      expect(await dead.ended()).toBe(1006);
      expect(alive.end).toBeNull();
    } finally {
      vi.useRealTimers();
    }
  });

  it('says goodbye when it ends', async () => {
    const server = await lineServer();
    using client = new Client(server.url);
    await client.next();
    await server[Symbol.asyncDispose]();
    expect(await client.ended()).toBe(1001);
  });

  it('says which port is in use', async () => {
    await using server = await lineServer();
    const { context, port } = server;
    const options = {
      host: '127.0.0.1',
      port,
      tls: null,
      access: { token: null, origins: [] },
      protocols: [],
    };
    await expect(startServer({ ...options, http: () => undefined, context })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port}: another program listens there`,
    );
  });

  it('answers HTTP: alive, ready once an engine is, metrics and status with the token only', async () => {
    await using server = await lineServer({ token });
    const get = (path: string, headers = {}): Promise<Response> =>
      fetch(`${server.http}${path}`, { headers });
    expect(await (await get('/healthz')).text()).toBe('OK\n');
    expect((await get('/readyz')).status).toBe(503);
    await Promise.all(server.service.slots.map((slot) => slot.start()));
    expect((await get('/readyz')).status).toBe(200);
    for (const path of ['/metrics', '/status.json', '/']) expect((await get(path)).status, path).toBe(401);
    const authorization = `Bearer ${token}`;
    expect(await (await get('/metrics', { authorization })).text()).toContain(
      'jepilot_engine_ready{engine="line/1",task="line"} 1',
    );
    expect(await (await get('/status.json', { authorization })).json()).toMatchObject({
      ready: true,
      sessions: [],
    });
    expect((await get('/nowhere', { authorization })).status).toBe(404);
    expect((await fetch(server.http, { method: 'POST' })).status).toBe(405);
  });
});

describe('an outbox', () => {
  it('keeps the newest message for a reader that is slow, and no more', async () => {
    const listening = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await new Promise((resolve) => listening.once('listening', resolve));
    const { port } = listening.address() as { port: number };
    const accepted = new Promise<Parameters<typeof outbox>[0]>((resolve) =>
      listening.once('connection', resolve),
    );
    using client = new Client(`ws://127.0.0.1:${port}`);
    const box = outbox(await accepted);
    client.socket.pause();
    const message = (n: number): Uint8Array => new Uint8Array(8 * 2 ** 20).fill(n);
    const displaced = Array.from({ length: 6 }, (_, n) => box.send(message(n)));
    expect(displaced).toEqual([false, false, true, true, true, true]);
    const seen: number[] = [];
    const both = new Promise<void>((resolve) => {
      client.socket.on('message', (data: Buffer) => {
        seen.push(data[0]!);
        if (seen.length === 2) resolve();
      });
    });
    client.socket.resume();
    await both;
    expect(seen).toEqual([0, 5]);
    listening.close();
  });
});
