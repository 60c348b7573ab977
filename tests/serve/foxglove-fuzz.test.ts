import { describe, expect, it } from 'vitest';
import { JepilotError } from '#src/errors.js';
import { rngOf } from '#src/rng.js';
import { parseFoxglove } from '#src/serve/foxglove-messages.js';
import { mutate, mutateJson } from '../fakes/mutate.ts';

const requests = [
  { op: 'subscribe', subscriptions: [{ id: 1, channelId: 3 }] },
  { op: 'unsubscribe', subscriptionIds: [1] },
  { op: 'getParameters', parameterNames: ['/s1/iterations'], id: 'a' },
  { op: 'setParameters', parameters: [{ name: '/s1/iterations', value: 3 }], id: 'b' },
  { op: 'subscribeParameterUpdates', parameterNames: [] },
];

describe('parseFoxglove', () => {
  it('makes a request or a typed error of 100,000 mutated messages', () => {
    const rng = rngOf('foxglove-fuzz', 1);
    let refused = 0;
    for (let i = 0; i < 100_000; i++) {
      const request = requests[i % requests.length]!;
      const text =
        i % 2 === 0
          ? JSON.stringify(mutateJson(request, rng))
          : Buffer.from(mutate(Buffer.from(JSON.stringify(request)), rng)).toString('utf8');
      try {
        parseFoxglove(text);
      } catch (error) {
        if (!(error instanceof JepilotError)) throw error;
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(50_000);
    expect(refused).toBeLessThan(100_000);
  }, 60_000);
});
