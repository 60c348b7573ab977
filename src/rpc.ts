import type { Transferable } from 'node:worker_threads';
import { fromErrorData, JepilotError, toErrorData, type ErrorData } from './errors.ts';

/** Either end of a channel: a `Worker`, a `MessagePort`, a worker's `parentPort`. */
export interface Port {
  postMessage(message: unknown, transfer?: readonly Transferable[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
}

/** The calls that one end answers, as functions. What crosses is copied (structured clone) unless it is moved. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the one type that every function fits
export type Calls = Record<string, (argument: any) => Promise<unknown>>;

type Argument<C extends Calls, K extends keyof C> = Parameters<C[K]>[0];
type Reply<C extends Calls, K extends keyof C> = Awaited<ReturnType<C[K]>>;

interface Request {
  readonly id: number;
  readonly call: string;
  readonly argument: unknown;
}

type Response =
  { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: ErrorData };

/** The buffers of replies that their maker gives away: they are transferred instead of copied. */
const given = new WeakMap<object, readonly Transferable[]>();

/** Marks a handler's reply: its buffers move to the caller and are gone here. */
export function moved<T extends object>(reply: T, buffers: readonly Transferable[]): T {
  given.set(reply, buffers);
  return reply;
}

/** Answers calls on `port` until disposed. A handler's error crosses as data; so does a reply that can't be cloned. */
export function serve(port: Port, handlers: Calls): Disposable {
  async function answer({ id, call, argument }: Request): Promise<void> {
    try {
      const handler = Object.hasOwn(handlers, call) ? handlers[call] : undefined;
      if (!handler) throw new JepilotError('unknown-name', `no call is named '${call}'`);
      const value = await handler(argument);
      const transfer = typeof value === 'object' && value !== null ? given.get(value) : undefined;
      port.postMessage({ id, value } satisfies Response, transfer ?? []);
    } catch (error) {
      port.postMessage({ id, error: toErrorData(error) } satisfies Response);
    }
  }
  const listener = (message: unknown): void => void answer(message as Request);
  port.on('message', listener);
  return { [Symbol.dispose]: () => void port.off('message', listener) };
}

/** The calling end. */
export interface Connection<C extends Calls> extends Disposable {
  call<K extends keyof C & string>(
    name: K,
    argument: Argument<C, K>,
    transfer?: readonly Transferable[],
  ): Promise<Reply<C, K>>;
  /** The other end is gone: rejects all that is pending, and every later call. */
  fail(error: Error): void;
}

export function connect<C extends Calls>(port: Port): Connection<C> {
  const pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let calls = 0;
  let broken: Error | null = null;
  const listener = (message: unknown): void => {
    const response = message as Response;
    const waiting = pending.get(response.id);
    pending.delete(response.id);
    if ('error' in response) waiting?.reject(fromErrorData(response.error));
    else waiting?.resolve(response.value);
  };
  const fail = (error: Error): void => {
    broken ??= error;
    for (const { reject } of pending.values()) reject(broken);
    pending.clear();
  };
  port.on('message', listener);
  return {
    call: <K extends keyof C & string>(
      name: K,
      argument: Argument<C, K>,
      transfer?: readonly Transferable[],
    ) =>
      new Promise<Reply<C, K>>((resolve, reject) => {
        if (broken) throw broken;
        const id = ++calls;
        port.postMessage({ id, call: name, argument } satisfies Request, transfer ?? []);
        pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      }),
    fail,
    [Symbol.dispose]() {
      port.off('message', listener);
      fail(new JepilotError('bad-state', 'the connection is closed'));
    },
  };
}
