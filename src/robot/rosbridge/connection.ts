import { once } from 'node:events';
import { type Observable, Subject } from 'rxjs';
import { WebSocket } from 'ws';
import { JepilotError, reasonOf } from '../../errors.ts';
import { shortTypeName } from '../ros/types.ts';
import { Fragments } from './fragments.ts';
import { LARGEST_FRAME, readFrame, writeFrame, type ServerFrame } from './frames.ts';

/** A message of a topic. */
export interface TopicMessage {
  readonly topic: string;
  readonly message: unknown;
  /** Seconds, by the connection's clock. */
  readonly arrival: number;
}

/** What a connection has met; all are counts. */
export interface ConnectionCounts {
  readonly received: number;
  /** Frames that were no frame of the protocol. */
  readonly refused: number;
  readonly sent: number;
  /** Commands not sent, because earlier ones were still waiting to leave. */
  readonly held: number;
}

/** Bytes that may wait to leave. More means that nobody reads at the other end, and a command would arrive late. */
const MOST_WAITING = 64 << 10;

type Response = Extract<ServerFrame, { op: 'service_response' }>;

/** One connection to a rosbridge v2 server. It is opened once; who wants another after its end opens another. */
export class BridgeConnection implements AsyncDisposable {
  readonly url: string;
  readonly message$: Observable<TopicMessage>;
  /** Answers to calls, with the seconds that they took; a refusal is an answer too. */
  readonly answer$: Observable<{ id: string; result: boolean; values: unknown; seconds: number }>;
  /** What the server says of itself, and what of it was not understood; one line each. */
  readonly notice$: Observable<string>;
  /** Resolves with the reason when the connection has ended. */
  readonly ended: Promise<string>;
  readonly #socket: WebSocket;
  readonly #now: () => number;
  readonly #messages$ = new Subject<TopicMessage>();
  readonly #answers$ = new Subject<{ id: string; result: boolean; values: unknown; seconds: number }>();
  readonly #notices$ = new Subject<string>();
  readonly #fragments = new Fragments();
  readonly #calls = new Map<string, number>();
  readonly #counts = { received: 0, refused: 0, sent: 0, held: 0 };
  #ids = 0;

  private constructor(url: string, socket: WebSocket, now: () => number) {
    this.url = url;
    this.#socket = socket;
    this.#now = now;
    this.message$ = this.#messages$.asObservable();
    this.answer$ = this.#answers$.asObservable();
    this.notice$ = this.#notices$.asObservable();
    socket.on('message', (data: Buffer, binary: boolean) => this.#read(data, binary));
    this.ended = new Promise((resolve) => {
      socket.on('error', (error) => resolve(error.message));
      socket.on('close', (code, reason) => {
        resolve(`closed with ${code}${reason.length > 0 ? ` ${reason.toString()}` : ''}`);
      });
    });
  }

  /** @param now - monotonic seconds
   * @param timeout - seconds that connecting may take */
  static async open(url: string, now: () => number, timeout = 5): Promise<BridgeConnection> {
    let socket: WebSocket | undefined;
    try {
      socket = new WebSocket(url, {
        perMessageDeflate: false,
        maxPayload: LARGEST_FRAME,
        handshakeTimeout: timeout * 1000,
      });
      const connection = new BridgeConnection(url, socket, now);
      await once(socket, 'open');
      return connection;
    } catch (cause) {
      socket?.terminate();
      const why = reasonOf(cause) || 'it cannot be reached';
      throw new JepilotError('link', `no robot at ${url}: ${why}; is its rosbridge_server running?`, {
        cause,
      });
    }
  }

  get counts(): ConnectionCounts {
    return { ...this.#counts };
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** `throttle`: seconds between two messages, at least; the server keeps the newest alone. */
  subscribe(topic: string, type: string, throttle = 0): void {
    const throttle_rate = Math.floor(throttle * 1000);
    const newest = throttle_rate > 0 ? { throttle_rate, queue_length: 1 } : {};
    this.#write({ op: 'subscribe', id: this.#id('s'), topic, type, compression: 'none', ...newest });
  }

  advertise(topic: string, type: string): void {
    this.#write({ op: 'advertise', id: `advertise:${topic}`, topic, type });
  }

  unadvertise(topic: string): void {
    this.#write({ op: 'unadvertise', id: `advertise:${topic}`, topic });
  }

  /** False where the message was not sent, because the connection is gone or nobody reads at its other end. */
  publish(topic: string, message: Readonly<Record<string, unknown>>): boolean {
    return this.#write({ op: 'publish', topic, msg: message });
  }

  /** Calls a service without waiting; returns the id that its answer will have. */
  call(service: string, args: Readonly<Record<string, unknown>> = {}): string {
    const id = this.#id('c');
    if (this.#calls.size > 64) this.#calls.clear();
    this.#calls.set(id, this.#now());
    this.#write({ op: 'call_service', id, service, args });
    return id;
  }

  /** Ends the connection in order; at once where the other end does not answer. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close(1000);
    const stuck = setTimeout(() => this.#socket.terminate(), 300);
    await this.ended;
    clearTimeout(stuck);
  }

  /** Ends it without a word: for a server that hears nothing any more. */
  terminate(): void {
    this.#socket.terminate();
  }

  #id(kind: string): string {
    return `${kind}${++this.#ids}`;
  }

  #write(frame: Readonly<Record<string, unknown>>): boolean {
    if (!this.open) return false;
    if (this.#socket.bufferedAmount > MOST_WAITING) {
      this.#counts.held += 1;
      return false;
    }
    this.#socket.send(writeFrame(frame));
    this.#counts.sent += 1;
    return true;
  }

  #read(data: Buffer, binary: boolean): void {
    this.#counts.received += 1;
    if (binary) this.#refuse('a binary frame, which nobody asked for');
    else this.#understand(data.toString(), true);
  }

  /** `whole`: not put together from pieces, which may not be pieces again. */
  #understand(text: string, whole: boolean): void {
    const read = readFrame(text);
    if ('refused' in read) {
      this.#refuse(`${read.refused}: ${read.reason}`);
      return;
    }
    const { frame } = read;
    if (frame.op === 'publish')
      this.#messages$.next({ topic: frame.topic, message: frame.msg, arrival: this.#now() });
    else if (frame.op === 'service_response') this.#answered(frame);
    else if (frame.op === 'status') this.#notices$.next(`bridge: ${statusText(frame.msg)}`);
    else if (whole) {
      const text = this.#fragments.take(frame, this.#now());
      if (text !== null) this.#understand(text, false);
    } else this.#refuse('a piece within pieces');
  }

  #answered({ id = '', result, values }: Response): void {
    const asked = this.#calls.get(id);
    if (asked === undefined) return;
    this.#calls.delete(id);
    this.#answers$.next({ id, result, values, seconds: this.#now() - asked });
  }

  #refuse(reason: string): void {
    this.#counts.refused += 1;
    this.#notices$.next(`frame refused: ${reason}`);
  }
}

const statusText = (text: unknown): string =>
  (typeof text === 'string' ? text : ((JSON.stringify(text) as string | undefined) ?? 'nothing')).slice(
    0,
    200,
  );

/** Topics and their types as `/rosapi/topics` tells them; null where its answer is something else. */
export function topicsOf(values: unknown): Map<string, string> | null {
  if (typeof values !== 'object' || values === null) return null;
  const { topics, types } = values as { topics?: unknown; types?: unknown };
  if (!Array.isArray(topics) || !Array.isArray(types)) return null;
  return new Map(topics.map((topic, i) => [String(topic), shortTypeName(String(types[i]))]));
}
