import { createInterface } from 'node:readline';
import type { Command } from '../../control/core.ts';
import type { OrderMessage } from '../../robot/remote/robot-session.ts';
import type { Supervisor } from './supervisor.ts';

const orders = ['arm', 'start', 'pause', 'reset', 'estop', 'clear'] as const;
type Order = (typeof orders)[number];

const isOrder = (text: string): text is Order => (orders as readonly string[]).includes(text);

/** An order as the control core takes it. */
const commandOf = (order: Order): Command => (order === 'pause' ? { kind: 'hold' } : { kind: order });

/** Takes orders from the lines of stdin: arm, start, pause, reset, estop, clear; `quit` ends the run. */
export function readOrders(supervisor: Supervisor, quit: () => void): Disposable {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const text = line.trim().toLowerCase();
    if (isOrder(text)) supervisor.order(commandOf(text));
    else if (text === 'quit') quit();
    else if (text !== '') process.stderr.write(`${text}? Orders are ${orders.join(', ')}, quit.\n`);
  });
  return { [Symbol.dispose]: () => lines.close() };
}

/**
 * What of an order from the planning end a robot obeys. What makes it stiller it always does; what lets it move only
 * where its operator said that orders may come from there.
 */
export function obey(supervisor: Supervisor, { order, by }: OrderMessage, mayMove: boolean): void {
  const stills = order === 'estop' || order === 'pause' || order === 'reset';
  if (stills || mayMove) supervisor.order(commandOf(order));
  const verb = stills || mayMove ? 'orders' : 'may not order without --remote-orders:';
  process.stderr.write(`the planning end's ${by} ${verb} ${order}\n`);
}
