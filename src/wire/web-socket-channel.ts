import { interval, Observable, Subject } from 'rxjs';
import { WebSocket, type RawData } from 'ws';
import { JepilotError, reasonOf } from '../errors.ts';
import type { Channel, ChannelEnd, Pulse } from './channel.ts';

/** Real time. */
export const realPulse: Pulse = {
  now: () => performance.now() / 1000,
  every: (period) => interval(1000 * period),
};

/** Close reasons may have 123 bytes. */
const brief = (reason: string): string =>
  Buffer.from(reason)
    .subarray(0, 120)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');

const bytesOf = (data: RawData): Uint8Array =>
  Array.isArray(data) ? Buffer.concat(data) : data instanceof ArrayBuffer ? new Uint8Array(data) : data;

/** Frames that wait for the first listener, at most. */
const MOST_EARLY = 16;

/** A channel over an open socket. Text frames arrive as their bytes, which no decoder takes. */
export function webSocketChannel(socket: WebSocket): Channel {
  const frames$ = new Subject<Uint8Array>();
  // A peer that speaks first is heard by whoever opened the socket only a moment later.
  const early: Uint8Array[] = [];
  const ended = new Promise<ChannelEnd>((resolve) => {
    let failure = '';
    socket.on('error', (error: Error) => (failure = error.message));
    socket.on('close', (code: number, reason: Buffer) => {
      frames$.complete();
      resolve({ code, reason: reason.toString('utf8') || failure });
    });
  });
  socket.on('message', (data: RawData) => {
    if (frames$.observed) frames$.next(bytesOf(data));
    else if (early.length < MOST_EARLY) early.push(bytesOf(data));
  });
  return {
    frame$: new Observable((subscriber) => {
      const subscription = frames$.subscribe(subscriber);
      // Once whoever listens has had the time to be listened to.
      queueMicrotask(() => early.splice(0).forEach((frame) => frames$.next(frame)));
      return subscription;
    }),
    ended,
    get buffered() {
      return socket.bufferedAmount;
    },
    send(frame) {
      if (socket.readyState === socket.OPEN) socket.send(frame, { binary: true });
    },
    close(code, reason) {
      if (socket.readyState === socket.OPEN) socket.close(code, brief(reason));
      // A peer that does not answer the closing handshake is not waited for.
      setTimeout(() => socket.terminate(), 500).unref();
    },
  };
}

/** How to reach a planning end. */
export interface DialOptions {
  readonly url: string;
  readonly subprotocol: string;
  readonly maxPayload: number;
  /** Sent as `Authorization: Bearer …`. */
  readonly token?: string | undefined;
  /** PEM of a certificate authority, for `wss`. */
  readonly ca?: string | undefined;
  /** Seconds. */
  readonly timeout: number;
}

/** Opens a channel; `link` where the peer can't be reached, `refused` where it turns us away. */
export function dial({ url, subprotocol, maxPayload, token, ca, timeout }: DialOptions): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const socket = new WebSocket(url, [subprotocol], {
      perMessageDeflate: false,
      maxPayload,
      handshakeTimeout: 1000 * timeout,
      headers,
      ...(ca === undefined ? {} : { ca }),
    });
    socket.binaryType = 'nodebuffer';
    socket.once('unexpected-response', (_request, response) => {
      socket.terminate();
      const status = `${response.statusCode ?? 0} ${response.statusMessage ?? ''}`.trim();
      reject(new JepilotError('refused', `${url} refused the connection: HTTP ${status}`));
    });
    socket.on('error', (error) =>
      reject(new JepilotError('link', `cannot reach ${url}: ${reasonOf(error)}`)),
    );
    socket.once('open', () => resolve(webSocketChannel(socket)));
  });
}
