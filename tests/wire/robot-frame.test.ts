import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { JepilotError } from '../../src/errors.ts';
import { noEvidence } from '../../src/planning/plan.ts';
import { rngOf, type Rng } from '../../src/rng.ts';
import { encodeMessage, type WireValue } from '../../src/wire/msgpack.ts';
import { NdArray } from '../../src/wire/ndarray.ts';
import { evidenceToWire } from '../../src/wire/robot-conversions.ts';
import { decodeFrame, encodeFrame } from '../../src/wire/robot-frame.ts';
import type { RobotMessage } from '../../src/wire/robot-messages.ts';

const rows = (n: number): NdArray =>
  new NdArray(
    '<f4',
    [n, 2],
    Float32Array.from({ length: 2 * n }, (_, i) => i / 8),
  );
const action = { dim: 2, minimum: [-1, -1], maximum: [1, 1], names: ['x', 'y'], mode: 'velocity' } as const;
const frame = {
  step: 5,
  time: 0.5,
  state: new NdArray('<f4', [2], Float32Array.of(1, 2)),
  images: { top: new NdArray('|u1', [2, 2, 3], new Uint8Array(12)) },
};

/** Mutated frames of each kind of test; scripts/check-faults.sh asks for more. */
const FRAMES = Number(process.env['FUZZ_FRAMES'] ?? 8000);

/** One message of every kind. */
const messages: RobotMessage[] = [
  {
    t: 'hello',
    seq: 0,
    version: 1,
    robot: 'r',
    task: null,
    action: { ...action, minimum: [-1, -1], maximum: [1, 1], names: ['x', 'y'] },
    controlPeriod: 0.1,
    heartbeat: 0.1,
    clock: 3,
    settings: { horizon: 4 },
  },
  { t: 'beat', seq: 1, time: 1.5, echo: { time: 1, held: 0.1 }, seen: 4, done: null },
  {
    t: 'observation',
    seq: 2,
    epoch: 1,
    time: 2,
    frames: [frame],
    executed: rows(3),
    committed: rows(1),
    budget: { iterations: 3, seconds: null },
  },
  {
    t: 'chunk',
    seq: 3,
    epoch: 1,
    re: 2,
    id: 1,
    startStep: 5,
    committed: 1,
    actions: rows(9),
    timing: { queueMs: 0, encodeMs: 1, searchMs: 2, planMs: 3 },
    evidence: evidenceToWire({ ...noEvidence, costs: [2, 1] }),
    reached: null,
  },
  { t: 'ack', seq: 4, re: 3, result: 'accepted', step: 6 },
  { t: 'state', seq: 5, epoch: 1, mode: 'holding', reason: 'link-silent', step: 7 },
  { t: 'command', seq: 6, id: 0, command: { kind: 'order', order: 'estop', by: 'me' } },
  {
    t: 'command',
    seq: 7,
    id: 1,
    command: { kind: 'episode', seed: 1, goal: { kind: 'observation', frame } },
  },
  {
    t: 'ticks',
    seq: 8,
    ticks: [
      {
        step: 6,
        time: 0.6,
        planned: new NdArray('<f4', [2], Float32Array.of(2, 0)),
        sent: new NdArray('<f4', [2], Float32Array.of(1, 0)),
        source: 'plan',
        reason: null,
        planId: 1,
        age: 1,
        clamps: ['velocity'],
      },
    ],
  },
  { t: 'error', seq: 9, code: 'bad-message', message: 'what?', fatal: false, re: null },
];

/** A frame around any body, with the checksum that fits it. */
function framed(body: Uint8Array): Uint8Array {
  const whole = new Uint8Array(8 + body.length);
  whole.set([0x4a, 0x50, 0x52, 1]);
  new DataView(whole.buffer).setUint32(4, crc32(body), true);
  whole.set(body, 8);
  return whole;
}

const mutations: readonly ((bytes: Uint8Array, rng: Rng) => Uint8Array)[] = [
  (bytes, rng) => {
    const at = rng.integer(bytes.length);
    return bytes.map((byte, i) => (i === at ? byte ^ (1 << rng.integer(8)) : byte));
  },
  (bytes, rng) => bytes.map((byte) => (rng.uniform() < 0.02 ? rng.integer(256) : byte)),
  (bytes, rng) => bytes.subarray(0, rng.integer(bytes.length)),
  (bytes, rng) =>
    Uint8Array.from([...bytes, ...Array.from({ length: 1 + rng.integer(20) }, () => rng.integer(256))]),
  (bytes, rng) => {
    const [from, to] = [rng.integer(bytes.length), rng.integer(bytes.length)];
    return bytes.map((byte, i) => (i >= to && i < to + 8 ? (bytes[from + i - to] ?? byte) : byte));
  },
];

/** What a decoder makes of bytes: a message, or a `bad-message`; anything else is thrown on. */
function attempt(bytes: Uint8Array): RobotMessage | null {
  try {
    return decodeFrame(bytes);
  } catch (error) {
    if (error instanceof JepilotError && error.code === 'bad-message') return null;
    throw error;
  }
}

describe('frames of the robot protocol', () => {
  it('bring every message back as it was', () => {
    for (const message of messages) expect(decodeFrame(encodeFrame(message))).toEqual(message);
  });

  it('begin with JPR, the version and the checksum of what follows', () => {
    const bytes = encodeFrame(messages[4]!);
    expect([...bytes.subarray(0, 4)]).toEqual([0x4a, 0x50, 0x52, 1]);
    expect(new DataView(bytes.buffer).getUint32(4, true)).toBe(crc32(bytes.subarray(8)));
  });

  it('of another kind, version or shape are refused in words', () => {
    const beat = encodeFrame(messages[1]!);
    expect(() => decodeFrame(new Uint8Array(3))).toThrow('no frame of the robot protocol');
    expect(() => decodeFrame(beat.map((b, i) => (i === 3 ? 9 : b)))).toThrow(
      'protocol version 9; this end speaks version 1',
    );
    const said = (value: WireValue): string => {
      try {
        decodeFrame(framed(encodeMessage(value)));
      } catch (error) {
        return String(error);
      }
      return 'taken';
    };
    expect(said({ t: 'dance', seq: 1 })).toMatch("message 'dance'");
    expect(said({ t: 'ack', seq: 1, re: 1, result: 'maybe', step: null })).toMatch("message 'ack': 'result'");
    expect(said({ t: 'ack', seq: 1, re: 1, result: 'done', step: null, more: 1 })).toMatch('more');
    expect(said({ t: 'beat', seq: 1, time: NaN, echo: null, seen: null, done: null })).toMatch("'time'");
    const flat = new NdArray('<f4', [4], new Float32Array(4));
    expect(said({ ...(messages[3] as unknown as Record<string, WireValue>), actions: flat })).toMatch(
      'float32 rows [n, dim]',
    );
  });

  it('are refused whole after any damage: thousands of mutations, not one taken for a message', () => {
    const rng = rngOf('damage');
    const whole = messages.map(encodeFrame);
    for (let i = 0; i < FRAMES; i++) {
      const original = whole[i % whole.length]!;
      const damaged = mutations[i % mutations.length]!(original, rng);
      if (Buffer.compare(damaged, original) !== 0 && attempt(damaged))
        throw new Error(`mutation ${i} was taken`);
    }
  });

  it('of a peer that means harm are a message or a refusal: thousands of bodies with their right checksum', () => {
    const rng = rngOf('malice');
    const bodies = messages.map((message) => encodeFrame(message).slice(8));
    let taken = 0;
    for (let i = 0; i < FRAMES; i++) {
      const body = mutations[i % mutations.length]!(bodies[i % bodies.length]!, rng);
      if (attempt(framed(body))) taken += 1;
    }
    expect(taken).toBeGreaterThan(FRAMES / 1000);
    expect(taken).toBeLessThan(0.9 * FRAMES);
  });
});
