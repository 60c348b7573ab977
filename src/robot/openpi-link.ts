import { WebSocket, type RawData } from 'ws';
import { JepilotError, reasonOf } from '../errors.ts';
import { decodeMessage, encodeMessage, type WireMap, type WireValue } from '../wire/msgpack.ts';
import { NdArray } from '../wire/ndarray.ts';

/** A connection to an openpi policy server that has sent its metadata: one request, one reply. */
export interface OpenpiLink {
  readonly metadata: WireMap;
  readonly open: boolean;
  /** Rejects with `link` on silence, an error of the server's, or the end of the connection; then it is closed. */
  infer(observation: WireMap, seconds: number): Promise<WireMap>;
  close(): void;
}

export interface OpenpiLinkOptions {
  /** `ws://HOST:PORT` or `wss://…`, without a fragment. */
  readonly url: string;
  /** Sent as `Authorization: Api-Key …`. */
  readonly token: string | null;
  /** Seconds for the connection and the metadata. */
  readonly patience: number;
}

/** Bytes of a reply. */
const MAXIMUM_REPLY = 16 * 2 ** 20;

const mapOf = (value: WireValue, what: string): WireMap => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    if (!(value instanceof Uint8Array) && !(value instanceof NdArray)) return value as WireMap;
  throw new JepilotError('bad-message', `${what} is no map`);
};

/** Connects, and waits for the metadata. `link` where nobody answers, or who answers says no. */
export async function openOpenpiLink({ url, token, patience }: OpenpiLinkOptions): Promise<OpenpiLink> {
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: MAXIMUM_REPLY,
    handshakeTimeout: 1000 * patience,
    headers: token === null ? {} : { Authorization: `Api-Key ${token}` },
  });
  const failed = (why: string): JepilotError => new JepilotError('link', `policy server ${url} ${why}`);
  let end: JepilotError | null = null;
  let waiting: { resolve: (frame: WireMap) => void; reject: (error: Error) => void } | null = null;
  const fail = (error: JepilotError): void => {
    end ??= error;
    waiting?.reject(end);
    waiting = null;
    socket.terminate();
  };
  const receive = (data: RawData, binary: boolean): void => {
    const bytes = data as Buffer;
    if (!binary) {
      fail(failed(`refused: ${bytes.toString().trim().slice(-500)}`));
      return;
    }
    try {
      const message = mapOf(decodeMessage(bytes), 'a reply');
      waiting?.resolve(message);
      waiting = null;
    } catch (error) {
      fail(failed(`sent what is no reply: ${reasonOf(error)}`));
    }
  };
  const next = (seconds: number, what: string): Promise<WireMap> =>
    new Promise<WireMap>((resolve, reject) => {
      if (end) {
        reject(end);
        return;
      }
      const timer = setTimeout(() => fail(failed(`sent no ${what} within ${seconds} s`)), 1000 * seconds);
      const settle =
        <T>(done: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          done(value);
        };
      waiting = { resolve: settle(resolve), reject: settle(reject) };
    });
  socket.on('message', receive);
  socket.on('error', (error) => fail(failed(`can't be reached: ${reasonOf(error)}`)));
  socket.on('close', (code, reason) =>
    fail(failed(`closed the connection: ${code} ${reason.toString()}`.trim())),
  );
  const metadata = await next(patience, 'metadata');
  return {
    metadata,
    get open() {
      return end === null;
    },
    infer(observation, seconds) {
      const reply = next(seconds, 'actions');
      socket.send(encodeMessage(observation));
      return reply;
    },
    close() {
      end ??= failed('was closed by us');
      socket.close(1000);
    },
  };
}
