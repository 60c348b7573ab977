import type { Observable, Subscription } from 'rxjs';
import type { Pulse } from '../../wire/channel.ts';
import type { RobotPeer } from '../../wire/robot-peer.ts';
import type { Order } from '../events.ts';

interface Open {
  readonly id: number;
  readonly order: Order;
  readonly sent: Set<number>;
  tries: number;
}

/** Times that an order is repeated before it is given up. */
const TRIES = 50;

/** Passes operators' orders on to the robot, each one until it is acknowledged; `estop` goes out before all others. */
export class OrderDesk implements Disposable {
  readonly #peer: RobotPeer;
  readonly #subscriptions: readonly Subscription[];
  #open: Open[] = [];
  #count = 0;

  constructor(order$: Observable<Order>, peer: RobotPeer, pulse: Pulse, heartbeat: number) {
    this.#peer = peer;
    this.#subscriptions = [
      order$.subscribe((order) => this.#take(order)),
      pulse.every(2 * heartbeat).subscribe(() => this.#open.forEach((open) => this.#send(open))),
    ];
  }

  /** The robot has answered the message of this number. */
  acknowledged(seq: number): void {
    this.#open = this.#open.filter(({ sent }) => !sent.has(seq));
  }

  [Symbol.dispose](): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  #take(order: Order): void {
    const open: Open = { id: this.#count++, order, sent: new Set(), tries: 0 };
    // An emergency stop makes whatever was ordered before it void.
    this.#open = order === 'estop' ? [open] : [...this.#open, open];
    this.#send(open);
  }

  #send(open: Open): void {
    const { id, order } = open;
    open.sent.add(this.#peer.send({ t: 'command', id, command: { kind: 'order', order, by: 'operator' } }));
    open.tries += 1;
    if (open.tries >= TRIES) this.#open = this.#open.filter((other) => other !== open);
  }
}
