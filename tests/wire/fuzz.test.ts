import { describe, expect, it } from 'vitest';
import { JepilotError } from '#src/errors.js';
import { rngOf, type Rng } from '#src/rng.js';
import { openpiRequest } from '#src/serve/openpi-request.js';
import type { SessionInfo } from '#src/serve/sessions.js';
import { decodeMessage, encodeMessage } from '#src/wire/msgpack.js';
import { NdArray } from '#src/wire/ndarray.js';

const FRAMES = 100_000;

const info = {
  actionSpec: { dim: 2, minimum: [], maximum: [], names: [], mode: 'velocity' },
  stateNames: ['x'],
  cameras: [{ name: 'top', width: 4, height: 2 }],
} as unknown as SessionInfo;

const frame = encodeMessage({
  'observation/image': new NdArray('|u1', [2, 4, 3], new Uint8Array(24)),
  'observation/state': new NdArray('<f8', [1], Float64Array.of(1)),
  'goal/seed': 1_000_000,
  executed: new NdArray('<f4', [3, 2], new Float32Array(6)),
  episode: 'first',
  step: 5,
  images: { top: [1, -2, 3.5, null, true, 2n ** 60n] },
});

/** Bytes flipped, replaced, cut out, doubled, put in. */
function mutated(rng: Rng): Uint8Array {
  let bytes = Buffer.from(frame);
  for (let i = 0; i <= rng.integer(4) && bytes.length > 0; i++) {
    const at = rng.integer(bytes.length);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const length = 1 + rng.integer(8);
    const kind = rng.integer(5);
    if (kind === 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << rng.integer(8));
    else if (kind === 1) bytes[at] = rng.integer(256);
    else if (kind === 2) bytes = Buffer.concat([before, after.subarray(length)]);
    else if (kind === 3) bytes = Buffer.concat([before, after.subarray(0, length), after]);
    else bytes = Buffer.concat([before, Buffer.of(0xc6 + rng.integer(26), 255, 255, 255, 255), after]);
  }
  return bytes;
}

describe('a mutated observation', () => {
  it(`is understood or refused with a reason, ${FRAMES} times`, () => {
    const rng = rngOf('fuzz');
    let refused = 0;
    // Stacks of so many errors would take most of the time.
    Error.stackTraceLimit = 0;
    for (let frames = 0; frames < FRAMES; frames++) {
      try {
        const request = openpiRequest(decodeMessage(mutated(rng)), info);
        const whole = request.images['top']?.[0]?.data.length === 24 && request.state.every(Number.isFinite);
        if (!whole) throw new Error('an observation got through that is not whole');
      } catch (error) {
        if (!(error instanceof JepilotError)) throw new Error(`frame ${frames}`, { cause: error });
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(FRAMES / 4);
    expect(refused).toBeLessThan(FRAMES);
  }, 120_000);
});
