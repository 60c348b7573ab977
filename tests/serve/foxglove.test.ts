import {
  FoxgloveClient,
  type Channel,
  type IWebSocket,
  type MessageData,
  type Parameter,
} from '@foxglove/ws-protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { bodyOf, schemaOf } from '#src/record/feed/channels.js';
import { decodePng } from '#src/record/png.js';
import { foxglove } from '#src/serve/foxglove.js';
import { startServer, type RunningServer } from '#src/serve/server.js';
import { tensor } from '#src/tensor.js';
import { evidence, picture, tick } from '../record/sample-run.ts';
import { contextWithSession } from './foxglove-session.ts';

const BASE = 1_700_000_000_000_000_000n;

let inside: ReturnType<typeof contextWithSession>;
let server: RunningServer;
beforeEach(async () => {
  inside = contextWithSession();
  server = await startServer({
    ...{ host: '127.0.0.1', port: 0, tls: null, access: { token: null, origins: [] } },
    protocols: [foxglove(() => BASE)],
    http: (_, response) => response.end(),
    context: inside.context,
  });
});
afterEach(() => server.close());

const connect = (subprotocol: string) =>
  new WebSocket(`ws://127.0.0.1:${server.port}/foxglove`, [subprotocol]);

/** The reference client, with what it has heard. */
async function viewer(subprotocol = 'foxglove.websocket.v1') {
  const socket = connect(subprotocol);
  const client = new FoxgloveClient({ ws: socket as unknown as IWebSocket });
  const channels = await new Promise<Channel[]>((resolve) => client.on('advertise', resolve));
  const messages: MessageData[] = [];
  let heard = (): void => undefined;
  client.on('message', (message) => {
    messages.push(message);
    heard();
  });
  const until = (count: number) =>
    new Promise<void>((resolve) => {
      heard = () => messages.length >= count && resolve();
      heard();
    });
  const parameters = () =>
    new Promise<Parameter[]>((resolve) => client.on('parameterValues', ({ parameters: p }) => resolve(p)));
  const status = () =>
    new Promise<string>((resolve) => client.on('status', ({ message }) => resolve(message)));
  const on = (topic: string): Channel => channels.find((channel) => channel.topic === topic)!;
  return { client, socket, channels, messages, until, parameters, status, on };
}

const bodyIn = ({ data }: MessageData): unknown => JSON.parse(new TextDecoder().decode(data as DataView));
/** A round trip, so that what was sent before has been taken in. */
async function roundTrip({
  client,
  parameters,
}: Pick<Awaited<ReturnType<typeof viewer>>, 'client' | 'parameters'>): Promise<void> {
  const answered = parameters();
  client.getParameters([], 'ping');
  await answered;
}

const observation = (step: number) => ({
  step,
  time: 0.1 * step,
  images: { top: picture(step % 12) },
  state: Float32Array.of(0.1, -0.2),
});

describe('foxglove', () => {
  it.each(['foxglove.websocket.v1', 'foxglove.sdk.v1'])(
    'shows a session to a viewer that speaks %s',
    async (name) => {
      const { client, socket, channels, messages, until, on, parameters } = await viewer(name);
      expect(socket.protocol).toBe(name);
      expect(on('/s1/obs/image/top')).toMatchObject({
        encoding: 'json',
        schemaEncoding: 'jsonschema',
        ...schemaOf('image'),
      });
      const topics = [
        '/s1/obs/state',
        '/s1/obs/image/top',
        '/s1/plan/summary',
        '/s1/action/sent',
        '/s1/safety/events',
      ];
      const ids = new Map(topics.map((topic) => [client.subscribe(on(topic).id), topic]));
      await roundTrip({ client, parameters });
      const session = 's1';
      inside.emit({ kind: 'observed', session, observation: observation(3) });
      const plan = {
        id: 1,
        startStep: 4,
        actions: tensor([1, 2], Float32Array.of(0.5, NaN)),
        evidence: evidence(9),
      };
      inside.emit({ kind: 'planned', session, step: 3, plan, queueMs: 0, reached: false });
      inside.emit({ kind: 'tick', session, tick: tick(4, 'hold') });
      await until(5);
      const seen = new Map(messages.map((message) => [ids.get(message.subscriptionId), message]));
      expect([...seen.keys()].sort()).toEqual([...topics].sort());
      expect(seen.get('/s1/obs/state')!.timestamp).toBe(BASE);
      expect(bodyOf('state').parse(bodyIn(seen.get('/s1/obs/state')!))).toMatchObject({ step: 3 });
      expect(bodyOf('plan').parse(bodyIn(seen.get('/s1/plan/summary')!))).toMatchObject({
        rows: [{ values: [0.5, NaN] }],
      });
      const { data } = bodyOf('image').parse(bodyIn(seen.get('/s1/obs/image/top')!));
      expect(decodePng(Buffer.from(data, 'base64'), { width: 16, height: 16 }, 'it')).toEqual(picture(3));
      expect(channels.length).toBeGreaterThan(8);
      client.close();
    },
  );

  it('shows the goal to those who come late, and nothing that nobody asked for', async () => {
    await viewer();
    inside.emit({
      kind: 'goal',
      session: 's1',
      goal: { kind: 'observation', value: observation(7) },
      waiting: 0,
    });
    const late = await viewer();
    late.client.subscribe(late.on('/s1/goal/image/top').id);
    inside.emit({ kind: 'observed', session: 's1', observation: observation(1) });
    await late.until(1);
    await roundTrip(late);
    expect(late.messages.map(bodyIn)).toMatchObject([{ format: 'png' }]);
  });

  it('reads and sets parameters, and tells the others', async () => {
    const [one, other] = [await viewer(), await viewer()];
    other.client.subscribeParameterUpdates(['/s1/iterations']);
    await roundTrip(other);
    const [answer, told] = [one.parameters(), other.parameters()];
    one.client.setParameters([{ name: '/s1/iterations', value: 7 }], 'a');
    expect(await answer).toEqual([{ name: '/s1/iterations', value: 7 }]);
    expect(await told).toEqual([{ name: '/s1/iterations', value: 7 }]);
    one.client.setParameters([{ name: '/s1/goalSeed', value: 1_000_005 }], 'b');
    await roundTrip(one);
    expect(inside.session.goals).toEqual([{ kind: 'episode', seed: 1_000_005 }]);
  });

  it.each([
    [{ op: 'setParameters', parameters: [{ name: '/s1/iterations', value: -1 }] }, /iterations is -1/],
    [
      { op: 'setParameters', parameters: [{ name: '/s9/iterations', value: 1 }] },
      /no parameter is called '\/s9/,
    ],
    [{ op: 'setParameters', parameters: [{ name: '/s1/__proto__', value: 1 }] }, /no parameter is called/],
    [
      { op: 'setParameters', parameters: [{ name: '/s1/goalSeed', value: 'here' }] },
      /takes the seed of an episode/,
    ],
    [{ op: 'publish' }, /a viewer's message: 'op'/],
    ['{', /is no JSON/],
  ])('answers %j with what is wrong, and goes on', async (message, reason) => {
    const { socket, status, client, parameters } = await viewer();
    const told = status();
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    expect(await told).toMatch(reason);
    await roundTrip({ client, parameters });
    expect(inside.session.info.iterations).toBe(3);
  });

  it('leaves out the oldest for a viewer that reads nothing, and the others notice nothing', async () => {
    const [slow, quick] = [await viewer(), await viewer()];
    for (const each of [slow, quick]) {
      each.client.subscribe(each.on('/s1/safety/events').id);
      await roundTrip(each);
    }
    const told = slow.status();
    slow.socket.pause();
    const reason = 'x'.repeat(20_000);
    const newest = new Promise<void>((resolve) =>
      slow.client.on('message', (message) => {
        if ((bodyIn(message) as { detail: string }).detail.startsWith('by 1999 ')) resolve();
      }),
    );
    for (let sent = 0; sent < 2000; sent++) {
      inside.emit({ kind: 'order', session: 's1', order: 'start', by: `${sent} ${reason}` });
      if (sent % 50 === 49) await quick.until(sent + 1);
    }
    slow.socket.resume();
    expect(await told).toMatch(/this viewer is too slow: \d+ messages left out/);
    await newest;
    expect(quick.messages).toHaveLength(2000);
    expect(slow.messages.length).toBeLessThan(2000);
  });

  it('takes back the channels of a session that ends', async () => {
    const { client, on } = await viewer();
    const gone = new Promise<number[]>((resolve) => client.on('unadvertise', resolve));
    inside.emit({ kind: 'closed', session: 's1', reason: 'done' });
    expect(await gone).toContain(on('/s1/obs/state').id);
  });
});
