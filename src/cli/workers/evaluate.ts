import { toErrorData } from '../../errors.ts';
import { OpeningError, Player } from '../eval/player.ts';
import type { OrderMessage, OutcomeMessage } from '../eval/orders.ts';

// A process of its own, for an abort of the engine's native code must not take the others down. Ctrl-C reaches every
// process of a terminal: whoever ordered lets this one finish what is in its hands.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

const player = new Player();
const send = (message: OutcomeMessage): void => {
  if (process.connected) process.send?.(message);
};

async function answer({ order }: OrderMessage): Promise<void> {
  try {
    send({ outcome: await player.carryOut(order) });
  } catch (error) {
    const opening = error instanceof OpeningError;
    send({ error: toErrorData(opening ? error.cause : error), during: opening ? 'open' : 'play' });
  }
}

let last = Promise.resolve();
process.on('message', (message) => {
  last = last.then(() => answer(message as OrderMessage));
});
// Whoever ordered has ended, in good order or not: so does this process, once the engine is closed.
process.on('disconnect', () => {
  void last.then(() => player[Symbol.asyncDispose]()).then(() => process.exit(0));
});
