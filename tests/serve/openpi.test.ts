import { describe, expect, it } from 'vitest';
import type { WireMap } from '#src/wire/msgpack.js';
import { NdArray } from '#src/wire/ndarray.js';
import { LineEngine } from '../fakes/line-service.ts';
import { Client, lineServer } from './line-server.ts';

const picture = new NdArray('|u1', [2, 4, 3], new Uint8Array(24));
const state = (position: number): NdArray => new NdArray('<f8', [1], Float64Array.of(position));
const goal = { 'goal/state': state(0.75) };
const observe = (position: number, more: WireMap = {}): WireMap => ({
  'observation/image': picture,
  'observation/state': state(position),
  ...more,
});
const actions = (reply: WireMap | string | null): number[] =>
  Array.from((((reply ?? {}) as WireMap)['actions'] as NdArray).data, Number);

describe('openpi', () => {
  it('sends metadata at once, then a chunk for each observation', async () => {
    await using server = await lineServer();
    using client = new Client(server.url);
    expect(await client.next()).toMatchObject({
      server: 'jepilot',
      task: 'line',
      action_horizon: 3,
      chunk_rows: 8,
      image_resolution: [2, 4],
    });
    client.send(observe(0, goal));
    const first = await client.next();
    expect(actions(first).slice(0, 8)).toEqual([1, 1, 1, 1, 1, 1, 1, 0.5]);
    expect(first).toMatchObject({ plan: { id: 0, iterations: 0 }, policy_timing: { infer_ms: 0 } });
    client.send(observe(0.65));
    expect(actions(await client.next())[0]).toBeCloseTo(1);
  });

  it('has no ndarray in a reply but the actions, for ActionChunkBroker slices them all', async () => {
    await using server = await lineServer();
    using client = new Client(server.url);
    await client.next();
    client.send(observe(0, goal));
    const arrays: string[] = [];
    const search = (value: unknown, path: string): void => {
      if (value instanceof NdArray) arrays.push(path);
      else if (typeof value === 'object' && value !== null)
        for (const [key, inner] of Object.entries(value)) search(inner, `${path}/${key}`);
    };
    search(await client.next(), '');
    expect(arrays).toEqual(['/actions']);
  });

  it('takes a client at its metadata: so many rows executed, unless it counts for itself', async () => {
    const engine = new LineEngine();
    await using server = await lineServer({ engine: () => engine });
    using client = new Client(`${server.url}/?action_horizon=2`);
    await client.next();
    for (const more of [goal, {}, { step: 7, executed: new NdArray('<f4', [1, 1], Float32Array.of(0.5)) }]) {
      client.send(observe(0, more));
      await client.next();
    }
    const { requests } = engine.policies[0]!;
    expect(requests.map((request) => request.observations[0]!.step)).toEqual([0, 2, 7]);
    expect(requests.map((request) => [...request.executed.data])).toEqual([[], [1, 1], [0.5]]);
  });

  it('begins an episode on connection, by RoboArena’s reset, and when `episode` changes', async () => {
    await using server = await lineServer();
    using client = new Client(`${server.url}/v1/realtime/robot/openpi`);
    await client.next();
    client.send(observe(0, { ...goal, seed: 5, episode: 1 }));
    await client.next();
    client.send({ endpoint: 'reset' });
    expect(await client.next()).toBe('reset successful');
    client.send(observe(0, { ...goal, endpoint: 'infer', episode: 1 }));
    await client.next();
    client.send(observe(0, { ...goal, episode: 2 }));
    await client.next();
    client.send(observe(0, { 'goal/state': state(-1), episode: 2 }));
    await client.next();
    const told = server.events.filter((event) => event.kind === 'reset' || event.kind === 'goal');
    expect(told.map((event) => (event.kind === 'reset' ? event.seed : 'goal'))).toEqual([5, 0, 0, 'goal']);
  });

  const bad: Record<string, [WireMap | Uint8Array | string, string]> = {
    'pictures of another size': [
      observe(0, { ...goal, 'observation/image': new NdArray('|u1', [4, 4, 3], new Uint8Array(48)) }),
      'shape-mismatch',
    ],
    'no picture': [{ ...goal }, 'invalid-value'],
    NaN: [observe(NaN, goal), 'invalid-value'],
    'no goal': [observe(0), 'invalid-value'],
    'an unknown endpoint': [observe(0, { ...goal, endpoint: 'dance' }), 'bad-message'],
    'a key of the wrong type': [observe(0, { ...goal, step: 'soon' }), 'bad-message'],
    'actions of another dimension': [
      observe(0, { ...goal, committed: new NdArray('<f4', [1, 2], new Float32Array(2)) }),
      'shape-mismatch',
    ],
    'a cut frame': [Uint8Array.of(0x82, 0xa5), 'bad-message'],
    'a list': [Uint8Array.of(0x90), 'bad-message'],
    text: ['{}', 'bad-message'],
  };
  it('answers what it can’t use with a reason and the end, and nobody else notices', async () => {
    await using server = await lineServer();
    using other = new Client(server.url);
    await other.next();
    for (const [name, [message, code]] of Object.entries(bad)) {
      using client = new Client(server.url);
      await client.next();
      client.send(message);
      expect(await client.next(), name).toMatch(new RegExp(`^${code}: `));
      expect(await client.ended(), name).toBe(1011);
      other.send(observe(0, goal));
      expect(actions(await other.next()), name).toHaveLength(8);
    }
  });

  it('says in the close reason what is wrong with an address, before the metadata', async () => {
    await using server = await lineServer();
    for (const query of ['task=chess', 'action_horizon=0', 'planner=']) {
      using client = new Client(`${server.url}/?${query}`);
      expect(await client.ended(), query).toBe(1008);
      expect(client.end?.reason).not.toBe('');
    }
    expect(server.context.sessions.list()).toEqual([]);
  });

  it('answers a client that sends ahead in order, and ends one that floods', async () => {
    await using server = await lineServer({ engine: () => new LineEngine({ delayMs: () => 5 }) });
    using client = new Client(server.url);
    await client.next();
    for (let i = 0; i < 3; i++) client.send(observe(0, { ...goal, step: i }));
    for (let i = 0; i < 3; i++) expect(await client.next()).toMatchObject({ plan: { id: i } });
    for (let i = 3; i < 30; i++) client.send(observe(0, { step: i }));
    expect(await client.ended()).toBe(1011);
  });

  it('closes its session when the client goes', async () => {
    await using server = await lineServer();
    using client = new Client(server.url);
    await client.next();
    client.socket.close();
    await client.ended();
    while (server.context.sessions.list().length > 0) await new Promise(setImmediate);
    expect(server.events.filter((event) => event.kind === 'closed')).toHaveLength(1);
  });
});
