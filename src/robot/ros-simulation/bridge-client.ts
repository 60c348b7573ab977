import type { WebSocket } from 'ws';
import { shortTypeName, type RosVersion } from '../ros/types.ts';
import type { RosGraph } from './graph.ts';
import { takeOperation } from './incoming.ts';
import { messageFault } from './message-shapes.ts';

/** What a bridge's clients have in common. */
export interface Bridge {
  readonly ros: RosVersion;
  readonly graph: RosGraph;
  /** Seconds, monotonic. */
  readonly now: () => number;
  /** The server's log, where every refusal goes: a client is told nothing. */
  readonly log: (line: string) => void;
  /** Services by name; a call of another one is refused, which is the one refusal that a client is told. */
  readonly services: Readonly<Record<string, () => unknown>>;
}

interface Subscription {
  readonly cancel: () => void;
  lastSent: number;
}

type Operation = Readonly<Record<string, unknown>>;

/** Server side of one connection: rosbridge v2's operations on a graph, with the silences of a real server. */
export class BridgeClient {
  readonly #socket: WebSocket;
  readonly #bridge: Bridge;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #advertised = new Map<string, string>();
  #buffer = '';

  constructor(socket: WebSocket, bridge: Bridge) {
    this.#socket = socket;
    this.#bridge = bridge;
    socket.on('message', (data: Buffer) => this.#incoming(data.toString()));
    socket.on('close', () => this.#subscriptions.forEach(({ cancel }) => cancel()));
    socket.on('error', (error) => bridge.log(error.message));
  }

  #incoming(text: string): void {
    this.#buffer += text;
    for (;;) {
      const { operation, rest } = takeOperation(this.#buffer);
      this.#buffer = rest;
      if (!operation) return;
      this.#perform(operation);
      if (rest.length === 0) return;
    }
  }

  #perform(operation: Operation): void {
    const topic = String(operation['topic']);
    const operations: Readonly<Record<string, () => void>> = {
      subscribe: () => this.#subscribe(operation),
      unsubscribe: () => this.#unsubscribe(topic),
      advertise: () => this.#advertise(operation),
      unadvertise: () => this.#advertised.delete(topic),
      publish: () => this.#publish(operation),
      call_service: () => this.#call(operation),
    };
    const name = String(operation['op']);
    if (Object.hasOwn(operations, name)) operations[name]?.();
    else this.#bridge.log(`unknown operation: ${name}`);
  }

  /** A type that is not the topic's is refused, in silence. `throttle_rate` is milliseconds; the rest is dropped. */
  #subscribe({ topic: name, type, throttle_rate: throttle }: Operation): void {
    const { graph, log, now } = this.#bridge;
    const topic = String(name);
    const found = graph.typeOf(topic);
    if (typeof type === 'string' && !graph.declare(topic, type)) {
      log(`${topic} is ${String(found)}, not ${type}`);
      return;
    }
    if (graph.typeOf(topic) === undefined) {
      log(`cannot infer the type of ${topic}`);
      return;
    }
    this.#unsubscribe(topic);
    const pause = typeof throttle === 'number' ? throttle / 1000 : 0;
    const subscription: Subscription = {
      lastSent: -Infinity,
      cancel: graph.listen(topic, (msg) => {
        // A little early counts as in time, or every second message of a steady topic would be lost.
        if (now() - subscription.lastSent < 0.9 * pause) return;
        subscription.lastSent = now();
        this.#send({ op: 'publish', topic, msg });
      }),
    };
    this.#subscriptions.set(topic, subscription);
  }

  #unsubscribe(topic: string): void {
    this.#subscriptions.get(topic)?.cancel();
    this.#subscriptions.delete(topic);
  }

  #advertise({ topic: name, type }: Operation): void {
    const { graph, log, ros } = this.#bridge;
    const [topic, wanted] = [String(name), String(type)];
    const spelled = ros === 1 ? /^\w+\/\w+$/ : /^\w+\/msg\/\w+$/;
    if (!spelled.test(wanted)) {
      log(`unable to import ${wanted}`);
      return;
    }
    if (!graph.declare(topic, wanted)) {
      log(`${topic} is ${String(graph.typeOf(topic))}, not ${wanted}`);
      return;
    }
    this.#advertised.set(topic, shortTypeName(wanted));
  }

  #publish({ topic: name, msg }: Operation): void {
    const { graph, log, ros } = this.#bridge;
    const topic = String(name);
    const type = this.#advertised.get(topic) ?? graph.typeOf(topic);
    if (type === undefined) {
      log(`cannot infer the type of ${topic}`);
      return;
    }
    const fault = messageFault(ros, type, msg);
    if (fault !== null) {
      log(`publish on ${topic} refused: ${fault}`);
      return;
    }
    graph.publish(topic, msg);
  }

  #call({ id, service: name }: Operation): void {
    const service = String(name);
    const answer = Object.hasOwn(this.#bridge.services, service) ? this.#bridge.services[service] : undefined;
    const values = answer ? answer() : `Service ${service} does not exist`;
    this.#send({ op: 'service_response', id, service, values, result: answer !== undefined });
  }

  #send(frame: Operation): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(frame));
  }
}
