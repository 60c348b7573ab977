import { once } from 'node:events';
import { WebSocket } from 'ws';
import { BridgeServer } from '../../src/robot/ros-simulation/bridge-server.ts';
import { RosGraph } from '../../src/robot/ros-simulation/graph.ts';
import type { RosVersion } from '../../src/robot/ros/types.ts';

/** A graph with a bridge on a free port, and what the bridge told nobody but its log. */
export interface Ros extends AsyncDisposable {
  readonly graph: RosGraph;
  readonly server: BridgeServer;
  readonly log: string[];
}

export async function openRos(ros: RosVersion = 2, now = () => performance.now() / 1000): Promise<Ros> {
  const graph = new RosGraph();
  const log: string[] = [];
  const server = await BridgeServer.listen({
    ros,
    graph,
    port: 0,
    now,
    wallClock: () => 1_700_000_000,
    log: (line) => log.push(line),
  });
  return { graph, server, log, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** A socket that speaks no protocol: it sends what a test wants, and keeps what comes. */
export interface Raw {
  readonly frames: Record<string, unknown>[];
  send(text: string): void;
  /** Resolves once everything sent so far has been looked at by the other end, deaf or not. */
  settled(): Promise<void>;
  close(): void;
}

export async function rawClient(url: string): Promise<Raw> {
  const socket = new WebSocket(url);
  const frames: Record<string, unknown>[] = [];
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Record<string, unknown>));
  await once(socket, 'open');
  return {
    frames,
    send: (text) => socket.send(text),
    async settled() {
      socket.ping();
      await once(socket, 'pong');
    },
    close: () => socket.terminate(),
  };
}

/** Resolves once `holds()` does; looks again whenever the event loop is idle. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((done) => setTimeout(done, 2));
}
