import { describe, expect, it } from 'vitest';
import { JepilotError } from '../../../src/errors.ts';
import { rngOf, type Rng } from '../../../src/rng.ts';
import { decodePicture, encodeJpeg } from '../../../src/robot/picture.ts';
import { commandNumbers } from '../../../src/robot/ros/commands.ts';
import { readState } from '../../../src/robot/ros/numbers.ts';
import { readPicture } from '../../../src/robot/ros/pictures.ts';
import { stampOf } from '../../../src/robot/ros/types.ts';
import { Fragments } from '../../../src/robot/rosbridge/fragments.ts';
import { readFrame } from '../../../src/robot/rosbridge/frames.ts';
import { takeOperation } from '../../../src/robot/ros-simulation/incoming.ts';
import { mutate, mutateJson } from '../../fakes/mutate.ts';
import { lineProfile } from '../profile/line-profile.ts';

/** Frames in all; 1 of 20 in the suite, every one where a script asks for it. */
const COUNT = process.env['JEPILOT_FUZZ'] === 'all' ? 120_000 : 6_000;
const profile = lineProfile();
const [camera] = profile.cameras;
const [source] = profile.state;
const header = { stamp: { sec: 12, nanosec: 500 }, frame_id: 'sim' };
const pixels = Uint8Array.from({ length: 48 }, (_, i) => 5 * i);
const picture = {
  header,
  width: 16,
  height: 1,
  step: 48,
  encoding: 'rgb8',
  data: Buffer.from(pixels).toString('base64'),
};
const seeds = [
  { op: 'publish', topic: '/camera/image_raw', msg: picture },
  {
    op: 'publish',
    topic: '/joint_states',
    msg: { header, name: ['slider', 'x'], position: [105, 1.5], velocity: [], effort: [] },
  },
  { op: 'publish', topic: '/command', msg: { layout: { dim: [], data_offset: 0 }, data: [250] } },
  {
    op: 'service_response',
    id: 'c1',
    service: '/rosapi/get_time',
    values: { time: { sec: 1, nanosec: 2 } },
    result: true,
  },
  { op: 'status', level: 'error', msg: 'publish: refused', id: 'p1' },
  { op: 'fragment', id: 'f', data: '{"op":"publish","topic":"/a","msg":{}}', num: 0, total: 1 },
];

/** Every second one still is JSON. */
function frameOf(i: number, rng: Rng): string {
  const seed = seeds[(i >> 1) % seeds.length];
  if (i % 2 === 0) return JSON.stringify(mutateJson(seed, rng));
  return Buffer.from(mutate(Buffer.from(JSON.stringify(seed)), rng)).toString();
}

/** What a decoder may do: give a value that holds, or throw an error of ours. */
function outcome(work: () => void): 'value' | 'refused' {
  try {
    work();
    return 'value';
  } catch (error) {
    if (error instanceof JepilotError) return 'refused';
    throw error;
  }
}

describe('mutated frames', () => {
  it(`leave every decoder of JSON and base64 with a value that holds or a refusal (${COUNT} frames)`, () => {
    const rng = rngOf('fuzz', 'frames');
    const fragments = new Fragments();
    const counts = { value: 0, refused: 0 };
    for (let i = 0; i < COUNT; i++) {
      const text = frameOf(i, rng);
      const read = readFrame(text);
      const now = i / 1000;
      const whole = 'frame' in read && read.frame.op === 'fragment' ? fragments.take(read.frame, now) : text;
      expect(whole ?? '').toBeTypeOf('string');
      if ('refused' in read || read.frame.op !== 'publish') {
        counts.refused += 1;
        continue;
      }
      const { msg } = read.frame;
      const stamp = stampOf(msg);
      expect(stamp === null || Number.isFinite(stamp)).toBe(true);
      expect(commandNumbers(profile.action, msg)?.every(Number.isFinite) ?? true).toBe(true);
      counts[outcome(() => expect(readState(source!, msg).every(Number.isFinite)).toBe(true))] += 1;
      outcome(() => readPicture(camera!, msg));
    }
    expect(counts.value).toBeGreaterThan(COUNT / 50);
    expect(counts.refused).toBeGreaterThan(COUNT / 4);
  });

  it('never hang a simulated bridge', () => {
    const rng = rngOf('fuzz', 'bridge');
    let buffer = '';
    for (let i = 0; i < COUNT / 20; i++) {
      buffer = takeOperation(buffer + frameOf(i, rng)).rest;
      expect(buffer.length).toBeLessThanOrEqual(1 << 16);
      if (i % 10 === 0) buffer = '';
    }
  });

  it('are pictures of the right size or errors of ours, never anything else', async () => {
    const rng = rngOf('fuzz', 'pictures');
    const size = { width: 8, height: 8 };
    const jpeg = await encodeJpeg({ width: 8, height: 8, data: new Uint8Array(192).fill(99) }, 80);
    const counts = { value: 0, refused: 0 };
    for (let i = 0; i < COUNT / 30; i++) {
      const data = mutate(jpeg, rng);
      const raw = {
        kind: 'raw',
        width: 1 + (i % 9),
        height: 1 + (i % 7),
        step: i % 40,
        channels: 'bgr',
        data,
      } as const;
      const encoded = i % 2 === 0 ? ({ kind: 'compressed', order: 'rgb', data } as const) : raw;
      try {
        const { data: rgb } = await decodePicture(encoded, { size }, 'picture');
        expect(rgb).toHaveLength(192);
        counts.value += 1;
      } catch (error) {
        expect(error).toBeInstanceOf(JepilotError);
        counts.refused += 1;
      }
    }
    expect(Math.min(counts.value, counts.refused)).toBeGreaterThan(10);
  });
});
