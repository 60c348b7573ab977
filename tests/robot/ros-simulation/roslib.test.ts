import * as roslib from 'roslib';
import { describe, expect, it } from 'vitest';
import { openRos, until } from '../../fakes/ros.ts';

interface Numbers {
  data: number[];
}

type Callback = (value: unknown) => void;

/** What of roslib is used here: its own declarations don't resolve under Node's rules. */
interface Roslib {
  Ros: new (options: { url: string }) => { isConnected: boolean; close(): void };
  Topic: new (options: { ros: unknown; name: string; messageType: string }) => {
    subscribe(heard: (message: Numbers) => void): void;
    advertise(): void;
    publish(message: Numbers): void;
  };
  Service: new (options: { ros: unknown; name: string; serviceType: string }) => {
    callService(request: object, answered: Callback, failed: Callback): void;
  };
}

const { Ros, Service, Topic } = roslib as unknown as Roslib;

describe('the simulated bridge with roslib as its client', () => {
  it.each([
    [1, 'std_msgs/Float64MultiArray'],
    [2, 'std_msgs/msg/Float64MultiArray'],
  ] as const)('carries topics both ways and answers services (ROS %i)', async (version, messageType) => {
    await using simulated = await openRos(version);
    const { graph, server } = simulated;
    const ros = new Ros({ url: server.url });
    await until(() => ros.isConnected);
    const heard: number[][] = [];
    const topic = new Topic({ ros, name: '/numbers', messageType });
    topic.subscribe(({ data }) => heard.push(data));
    topic.advertise();
    await until(() => graph.typeOf('/numbers') !== undefined);
    graph.publish('/numbers', { data: [1, 2] });
    const atRobot: unknown[] = [];
    graph.listen('/numbers', (message) => atRobot.push(message));
    topic.publish({ data: [3] });
    await until(() => heard.length === 2);
    expect(heard).toEqual([[1, 2], [3]]);
    expect(atRobot).toEqual([{ data: [3] }]);
    const topics = await new Promise((resolve, reject) => {
      new Service({
        ros,
        name: '/rosapi/topics',
        serviceType: 'rosapi/Topics',
      }).callService({}, resolve, reject);
    });
    expect(topics).toEqual({ topics: ['/numbers'], types: [messageType] });
    const refusal = await new Promise((resolve) => {
      new Service({ ros, name: '/none', serviceType: 'std_srvs/Empty' }).callService(
        {},
        () => resolve('answered'),
        resolve,
      );
    });
    expect(refusal).toMatch(/does not exist/);
    ros.close();
  });
});
