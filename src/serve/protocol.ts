import type { WebSocket } from 'ws';
import type { ServeContext } from './context.ts';

/** Who is at the other end of a socket that was let in. */
export interface Peer {
  /** Names the connection in logs, metrics and events: `c1`, `c2`, … */
  readonly id: string;
  /** IP address and port. */
  readonly address: string;
  /** Path of the request, without its query. */
  readonly path: string;
  /** The query of the request, as the peer sent it. */
  readonly query: URLSearchParams;
  /** The subprotocol that was agreed on; empty where none was. */
  readonly subprotocol: string;
}

/**
 * One protocol of the server: a file of its own, and a line in the list that `jepilot serve` mounts. Token, Origin and
 * rate of upgrades are checked before `accept`; so is the subprotocol.
 */
export interface ServeProtocol {
  /** In logs and metrics: openpi, robot, foxglove. */
  readonly name: string;
  /** Paths of the upgrade request that lead here. */
  readonly paths: readonly string[];
  /**
   * Subprotocols that it speaks, preferred first: a peer must offer one of them, else HTTP 400. Empty: none is
   * negotiated.
   */
  readonly subprotocols: readonly string[];
  /** Bytes that a message may have; a longer one closes the socket with 1009. */
  readonly maxPayload: number;
  /** Takes over an open socket. May throw: that is logged and closes this socket with 1011, and nothing else. */
  accept(socket: WebSocket, peer: Peer, context: ServeContext): void;
}
