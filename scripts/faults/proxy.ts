import { createServer, type Server, type Socket, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

/** What the TCP proxy does to the bytes of one direction. */
export type Flow = 'pass' | 'drop' | 'stall';

export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  toRobot: Flow;
  toServer: Flow;
  /** Writes half of what comes next towards the robot, then breaks the connection: a frame cut in the middle. */
  cutNext(): void;
  /** Breaks every connection without a word. */
  reset(): void;
}

/** A proxy that sees bytes: for freezes, half-open links, slow readers, cut frames. */
export async function tcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let cutting = false;
  const carry = (from: Socket, to: Socket, flow: () => Flow, robot: boolean): void => {
    from.on('data', (bytes: Buffer) => {
      if (robot && cutting && flow() === 'pass') {
        to.write(bytes.subarray(0, Math.ceil(bytes.length / 2)));
        setTimeout(() => proxy.reset(), 5);
        return;
      }
      if (flow() === 'pass') to.write(bytes);
      // A reader that stalls fills the kernel's buffers; one that drops loses what comes.
      if (flow() === 'stall') from.pause();
    });
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    sockets.add(from);
  };
  const server: Server = createServer((robot) => {
    const upstream = connect(target, '127.0.0.1');
    robot.setNoDelay(true);
    upstream.setNoDelay(true);
    carry(robot, upstream, () => proxy.toServer, false);
    carry(upstream, robot, () => proxy.toRobot, true);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: TcpProxy = {
    port: (server.address() as AddressInfo).port,
    toRobot: 'pass',
    toServer: 'pass',
    cutNext() {
      cutting = true;
    },
    reset() {
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
    async [Symbol.asyncDispose]() {
      proxy.reset();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

/** What becomes of a message: those that arrive in its place, each after some milliseconds. */
export type MessageFate = (
  message: Buffer,
  towards: 'robot' | 'server',
) => readonly { readonly message: Buffer; readonly delayMs: number }[];

export const sound: MessageFate = (message) => [{ message, delayMs: 0 }];

export interface MessageProxy extends AsyncDisposable {
  readonly port: number;
  fate: MessageFate;
}

/** A proxy that sees WebSocket messages: for delay, jitter, loss, duplicates, order, truncation and flipped bits. */
export async function messageProxy(target: number): Promise<MessageProxy> {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    perMessageDeflate: false,
    handleProtocols: (offered) => [...offered][0] ?? false,
  });
  server.on('connection', (robot, request) => {
    const upstream = new WebSocket(`ws://127.0.0.1:${target}${request.url ?? '/'}`, [robot.protocol], {
      perMessageDeflate: false,
    });
    const opened = new Promise<void>((resolve) => upstream.on('open', resolve));
    const carry = (from: WebSocket, to: WebSocket, towards: 'robot' | 'server'): void => {
      from.on('message', (data: Buffer) => {
        for (const { message, delayMs } of proxy.fate(data, towards)) {
          const send = (): void => {
            if (to.readyState === to.OPEN) to.send(message, { binary: true });
          };
          if (delayMs > 0) setTimeout(send, delayMs);
          else void opened.then(send);
        }
      });
      from.on('close', () => to.close());
      from.on('error', () => to.terminate());
    };
    carry(robot, upstream, 'server');
    carry(upstream, robot, 'robot');
  });
  await new Promise<void>((resolve) => server.on('listening', resolve));
  const proxy: MessageProxy = {
    port: (server.address() as AddressInfo).port,
    fate: sound,
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
