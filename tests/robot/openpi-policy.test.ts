import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { openpiAddress } from '#src/robot/openpi-address.js';
import { openpiPolicy } from '#src/robot/openpi-policy.js';
import { tensor, zeros } from '#src/tensor.js';
import { decodeMessage, encodeMessage, type WireMap } from '#src/wire/msgpack.js';
import { NdArray } from '#src/wire/ndarray.js';
import { LineEngine, lineManifest, lineObservation } from '../fakes/line-service.ts';
import { lineServer } from '../serve/line-server.ts';

const actionSpec = { dim: 1, minimum: [-1], maximum: [1], names: ['velocity'], mode: 'velocity' } as const;
/** The line policy knows pictures by their state, which does not travel; a latent leaves its goal at 0. */
const goal = { kind: 'latent', value: zeros([1]) } as const;
const open = (url: string, patience = 5) =>
  openpiPolicy({
    address: openpiAddress(url),
    token: null,
    actionSpec,
    now: () => 0,
    patience,
    iterations: null,
  });
const request = (step = 0, committed: number[] = []) => ({
  observations: [lineObservation(-0.5, step)],
  executed: zeros([0, 1]),
  committed: tensor([committed.length, 1], Float32Array.from(committed)),
  budget: { iterations: 1 },
});

/** A policy server of somebody else's: no metadata, and whatever `answer` says. */
async function stranger(answer: (observation: WireMap) => WireMap | string | null) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const seen: WireMap[] = [];
  server.on('connection', (socket) => {
    socket.send(encodeMessage({}));
    socket.on('message', (data: Buffer) => {
      seen.push(decodeMessage(data) as WireMap);
      const reply = answer(seen.at(-1)!);
      if (reply !== null) socket.send(typeof reply === 'string' ? reply : encodeMessage(reply));
      if (typeof reply === 'string') socket.close(1011);
    });
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  return { seen, server, url: `ws://127.0.0.1:${port}`, [Symbol.dispose]: () => server.close() };
}
const chunk = (rows: readonly number[], dim = 1): WireMap => ({
  actions: new NdArray('<f8', [rows.length / dim, dim], Float64Array.from(rows)),
});

describe('a policy server as a policy', () => {
  it('plans on a server of ours as it would here: committed rows known, evidence and all', async () => {
    const engine = new LineEngine();
    await using server = await lineServer({ engine: () => engine });
    await using policy = await open(server.url);
    await policy.reset({ seed: 3, goal });
    const plan = await policy.plan(request(4, [0.25, 0.5]));
    expect(plan.startStep).toBe(6);
    const [there] = engine.policies;
    expect(there!.requests[0]!.committed.data).toEqual(Float32Array.of(0.25, 0.5));
    expect([...plan.actions.data]).toEqual([...there!.plans[0]!.actions.data]);
    await policy.plan({ ...request(6), executed: tensor([2, 1], Float32Array.of(0.25, 0.5)) });
    expect(there!.requests[1]!.executed.data).toEqual(Float32Array.of(0.25, 0.5));
    expect(there!.requests[0]!.budget.iterations).toBe(lineManifest.planning.iterations);
  });

  it('connects anew after the server was away, and tells the goal again', async () => {
    await using server = await lineServer();
    await using policy = await open(server.url);
    await policy.reset({ seed: 3, goal });
    await policy.plan(request());
    await server.context.sessions.list()[0]!.close('a test');
    await expect(policy.plan(request(1))).rejects.toMatchObject({ code: 'link' });
    expect((await policy.plan(request(2))).startStep).toBe(2);
    expect(server.events.filter((event) => event.kind === 'reset')).toHaveLength(2);
  });

  it('leaves out the rows of a stranger’s chunk that pass before a plan can act, and sends no keys of ours', async () => {
    using server = await stranger(() => chunk([0.1, 0.2, 0.3, 0.4]));
    await using policy = await open(`${server.url}/#image=observation/wrist_image_left&layout=chw&prompt=go`);
    await policy.reset({ seed: 0, goal });
    const { startStep, actions } = await policy.plan(request(10, [0, 0]));
    expect([startStep, ...actions.data]).toEqual([12, Math.fround(0.3), Math.fround(0.4)]);
    expect(Object.keys(server.seen[0]!)).toEqual([
      'observation/wrist_image_left',
      'observation/state',
      'prompt',
    ]);
    expect((server.seen[0]!['observation/wrist_image_left'] as NdArray).shape).toEqual([3, 2, 4]);
  });

  const replies: Record<string, [WireMap | string, string]> = {
    NaN: [chunk([0, NaN]), 'invalid-value'],
    'another dimension': [chunk([0, 0], 2), 'shape-mismatch'],
    'no rows': [chunk([]), 'shape-mismatch'],
    'no actions': [{ chunk: 1 }, 'bad-message'],
    'too few rows': [chunk([0]), 'bad-message'],
    'an error': ['Traceback …', 'link'],
  };
  for (const [name, [reply, code]] of Object.entries(replies)) {
    it(`acts on nothing of a reply with ${name}`, async () => {
      using server = await stranger(() => reply);
      await using policy = await open(server.url);
      await policy.reset({ seed: 0, goal });
      await expect(policy.plan(request(0, [0]))).rejects.toMatchObject({ code });
    });
  }

  it('does not wait for ever', async () => {
    using server = await stranger(() => null);
    await using policy = await open(server.url, 0.05);
    await policy.reset({ seed: 0, goal });
    await expect(policy.plan(request())).rejects.toThrow(/sent no actions within 0.05 s/);
    await expect(open('ws://127.0.0.1:1')).rejects.toMatchObject({ code: 'link' });
  });

  it('reads an address, and refuses what it does not know in it', () => {
    expect(openpiAddress('wss://h:1/p?task=x#state=s').url).toBe('wss://h:1/p?task=x');
    for (const text of ['http://h', 'nonsense', 'ws://h#layout=hcw', 'ws://h#picture=x'])
      expect(() => openpiAddress(text), text).toThrow(expect.objectContaining({ code: 'invalid-value' }));
  });
});
