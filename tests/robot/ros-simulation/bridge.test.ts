import { describe, expect, it } from 'vitest';
import { openRos, rawClient, type Raw } from '../../fakes/ros.ts';

const frame = (fields: Record<string, unknown>): string => JSON.stringify(fields);
const advertise = frame({ op: 'advertise', topic: '/a', type: 'std_msgs/msg/Float64MultiArray' });
const subscribe = frame({ op: 'subscribe', topic: '/a', type: 'std_msgs/msg/Float64MultiArray' });
const publish = (n: number) => frame({ op: 'publish', topic: '/a', msg: { data: [n] } });

/** Ten publishes after a bad frame: how many come back (what a real rosbridge 0.11.17 was measured by). */
async function echoesAfter(bad: readonly string[]): Promise<number> {
  await using ros = await openRos();
  const client = await rawClient(ros.server.url);
  [subscribe, advertise, ...bad].forEach((text) => client.send(text));
  for (let n = 0; n < 10; n++) client.send(publish(n));
  await client.settled();
  client.close();
  return client.frames.filter(({ op }) => op === 'publish').length;
}

describe('the simulated bridge', () => {
  it('survives what a real one survives', async () => {
    expect(await echoesAfter(['no JSON at all'])).toBe(10);
    expect(await echoesAfter(['{'])).toBe(10);
    expect(await echoesAfter([publish(1).slice(0, 24)])).toBe(10);
    expect(await echoesAfter([frame({ data: 1 })])).toBe(10);
  });

  it('goes deaf where a real one goes deaf', async () => {
    const stamped =
      '{"op":"publish","topic":"/a","msg":{"header":{"stamp":{"sec":0,"nanosec":0},"frame_id":""},"data":[0.1';
    expect(await echoesAfter([stamped])).toBe(0);
    expect(await echoesAfter(['garbage', frame({ data: 1 })])).toBe(0);
  });

  it('refuses publishes without telling anybody but its log', async () => {
    await using ros = await openRos();
    const client = await rawClient(ros.server.url);
    const send = (fields: Record<string, unknown>) => client.send(frame(fields));
    [subscribe, advertise].forEach((text) => client.send(text));
    send({ op: 'publish', topic: '/a', msg: { data: [null] } });
    send({ op: 'publish', topic: '/a', msg: { data: ['x'] } });
    send({ op: 'publish', topic: '/a', msg: { datum: [1] } });
    send({ op: 'publish', topic: '/nobody/knows', msg: { data: [1] } });
    send({ op: 'advertise', topic: '/a', type: 'std_msgs/Float64MultiArray' });
    send({ op: 'advertise', topic: '/a', type: 'geometry_msgs/msg/Twist' });
    send({ op: 'set_level', level: 'info' });
    await client.settled();
    client.close();
    expect(client.frames).toEqual([]);
    expect(ros.log).toHaveLength(7);
  });

  it('answers every call, a refused one too', async () => {
    await using ros = await openRos(1);
    ros.graph.declare('/a', 'std_msgs/Bool');
    const client = await rawClient(ros.server.url);
    for (const service of ['/rosapi/topics', '/rosapi/get_time', '/none', '/constructor'])
      client.send(frame({ op: 'call_service', id: service, service, args: {} }));
    await client.settled();
    client.close();
    expect(client.frames.map(({ id, result }) => [id, result])).toEqual([
      ['/rosapi/topics', true],
      ['/rosapi/get_time', true],
      ['/none', false],
      ['/constructor', false],
    ]);
    expect(client.frames[0]!['values']).toEqual({ topics: ['/a'], types: ['std_msgs/Bool'] });
    expect(client.frames[1]!['values']).toEqual({ time: { secs: 1_700_000_000, nsecs: 0 } });
  });

  it('keeps the newest alone where a subscriber wants fewer', async () => {
    let now = 0;
    await using ros = await openRos(2, () => now);
    const client: Raw = await rawClient(ros.server.url);
    ros.graph.declare('/a', 'std_msgs/Float64MultiArray');
    client.send(frame({ op: 'subscribe', topic: '/a', throttle_rate: 100, queue_length: 1 }));
    await client.settled();
    for (let i = 0; i < 10; i++, now += 0.05) ros.graph.publish('/a', { data: [i] });
    await client.settled();
    client.close();
    expect(client.frames.map(({ msg }) => (msg as { data: number[] }).data[0])).toEqual([0, 2, 4, 6, 8]);
  });
});
