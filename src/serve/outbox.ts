import type { WebSocket } from 'ws';

/** Sends messages of which only the newest counts (chunks): one is being written, at most one waits. */
export interface Outbox {
  /** Sends, or replaces the one that waits; true if that displaced one. */
  send(message: Uint8Array): boolean;
}

/**
 * An outbox over a socket. The next message is written once the kernel has taken the last one whole, so a slow reader
 * costs two messages of memory and never sees an old one after a new one. What the kernel buffers stays invisible here:
 * whoever needs to know that a peer listens asks it for acknowledgements.
 */
export function outbox(socket: WebSocket): Outbox {
  let writing = false;
  let waiting: Uint8Array | null = null;
  const write = (message: Uint8Array): void => {
    writing = true;
    socket.send(message, { binary: true }, () => {
      writing = false;
      const next = waiting;
      waiting = null;
      if (next && socket.readyState === socket.OPEN) write(next);
    });
  };
  return {
    send(message) {
      if (socket.readyState !== socket.OPEN) return false;
      const displaced = waiting !== null;
      if (writing) waiting = message;
      else write(message);
      return displaced;
    },
  };
}
