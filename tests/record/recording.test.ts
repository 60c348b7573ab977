import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { VirtualTimeScheduler } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JepilotError } from '#src/errors.js';
import { inspectRecording } from '#src/record/inspect.js';
import { observationOf, readRecording } from '#src/record/recording.js';
import { recordedGoal } from '#src/serve/session-recordings.js';
import { repairRecording } from '#src/record/repair.js';
import { MemorySink } from './memory-sink.ts';
import { facts, feedInto, recorderInto, sampleRecording, writeSample } from './sample-recording.ts';
import { picture } from './sample-run.ts';

let folder: string;
let whole: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'recording-'));
  whole = await writeSample(join(folder, 'run.mcap'), 40);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The same twelve steps twice, with a flush between them. */
async function inTwoChunks(): Promise<Buffer> {
  const scheduler = new VirtualTimeScheduler(undefined, 501);
  const sink = new MemorySink();
  const recorder = recorderInto(sink, { scheduler });
  feedInto(recorder, 12);
  await recorder.settled();
  scheduler.flush();
  await recorder.settled();
  feedInto(recorder, 12);
  await recorder.close();
  return sink.bytes;
}

const written = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

describe('a goal from a recording', () => {
  it('is the picture of one of its steps', async () => {
    const goal = await recordedGoal(folder, 'run.mcap', 3);
    expect(goal).toMatchObject({ kind: 'observation', value: { images: { top: picture(3) } } });
  });

  it('is found by a name in the folder, and leads nowhere else', async () => {
    await expect(recordedGoal(folder, 'run.mcap', 99)).rejects.toThrow('has no step 99; its last one is 40');
    for (const name of ['../run.mcap', `${folder}/run.mcap`, 'run.txt', ''])
      await expect(recordedGoal(folder, name, 0)).rejects.toThrow("it takes a file's name, such as run.mcap");
    await expect(recordedGoal(folder, 'none.mcap', 0)).rejects.toThrow(JepilotError);
  });
});

describe('readRecording', () => {
  it('gives back what was recorded, bit for bit', async () => {
    const recording = await readRecording(whole);
    expect(recording.run).toEqual(facts);
    expect(recording.result).toMatchObject({ stopped: '', result: { success: true } });
    expect(recording.frames.map(({ step }) => step)).toEqual(Array.from({ length: 41 }, (_, i) => i));
    expect(recording.frames[3]?.state).toEqual(Float32Array.of(0.1 * 3, -0.7));
    expect(observationOf(recording, recording.frames[3]!).images['top']).toEqual(picture(3));
    expect(observationOf(recording, recording.goals[0]!).images['top']).toEqual(picture(12));
    expect(recording.sent).toHaveLength(40);
    expect(recording.plans[1]).toMatchObject({
      id: 2,
      step: 4,
      rows: [{ values: [0.1, NaN] }, { values: [3, 4] }],
    });
    expect(recording.events.map(({ kind }) => kind)).toEqual(['hold', 'go']);
  });

  it('says what is wrong with a file that is no recording', async () => {
    const reads = (path: string) => readRecording(path);
    await expect(reads(written('a', Buffer.from('GIF89a, say')))).rejects.toThrow(/a is no MCAP recording/);
    await expect(reads(written('b', Buffer.alloc(0)))).rejects.toThrow(/b is no MCAP recording: it is empty/);
    await expect(reads(join(folder, 'none'))).rejects.toThrow(/cannot read .*none: ENOENT/);
    await expect(reads(written('c', readFileSync(whole).subarray(0, 8)))).rejects.toThrow(
      /no metadata 'run'/,
    );
    const sink = new MemorySink();
    const wrong = new Map([['format', '2']]);
    await recorderInto(sink, { run: wrong }).close();
    await expect(reads(written('d', sink.bytes))).rejects.toThrow(/d: metadata 'run', key 'format'/);
  });

  it('never crashes on a cut or a flipped byte: it reads what is whole, or says what is wrong', async () => {
    const bytes = await sampleRecording(4);
    const place = fc.nat({ max: bytes.length - 1 });
    const damage = fc.record({ at: place, bit: fc.nat({ max: 7 }), end: place });
    await fc.assert(
      fc.asyncProperty(damage, async ({ at, bit, end }) => {
        const damaged = Buffer.from(bytes.subarray(0, end + 1));
        if (at <= end) damaged[at]! ^= 1 << bit;
        const error: unknown = await readRecording(written('damaged', damaged)).then(
          () => null,
          (e: unknown) => e,
        );
        if (error !== null) expect(error).toBeInstanceOf(JepilotError);
      }),
      { numRuns: 60 },
    );
  });

  it('takes no memory for a length that the file only claims', async () => {
    const bytes = Buffer.from(readFileSync(whole));
    bytes.writeBigUInt64LE(2n ** 62n, 9); // the header record's length
    const { condition } = await inspectRecording(written('claims', bytes));
    expect(condition).toMatchObject({ whole: false, cutBytes: bytes.length - 8 });
  });
});

describe('inspectRecording', () => {
  it('counts channels, holds and events, and tells a whole file from a cut one', async () => {
    const summary = await inspectRecording(whole);
    expect(summary).toMatchObject({
      condition: { whole: true, cutBytes: 0, damagedChunks: 0 },
      ended: true,
      ticks: { plan: 39, tail: 0, hold: 1 },
      holds: { 'no-plan-yet': 1 },
      events: { hold: 1, go: 1 },
      run: { task: 'sample' },
    });
    expect(summary.channels.find(({ topic }) => topic === '/obs/state')).toEqual({
      topic: '/obs/state',
      schema: 'foxglove.JointStates',
      messages: 41,
      hz: expect.closeTo(10, 6) as number,
    });
    const cut = written('cut.mcap', readFileSync(whole).subarray(0, -30));
    expect(await inspectRecording(cut)).toMatchObject({ condition: { whole: false }, ended: true });
  });
});

describe('repairRecording', () => {
  it('makes a whole file of a cut one, with all chunks before the cut, and says what was lost', async () => {
    const bytes = readFileSync(whole);
    const cut = written('cut2.mcap', bytes.subarray(0, bytes.length - 2500));
    const sink = new MemorySink();
    const { condition, messages, ended } = await repairRecording(cut, sink, 'jepilot 0.1.0');
    expect(condition).toMatchObject({ whole: false });
    const repaired = await inspectRecording(written('repaired.mcap', sink.bytes));
    expect(repaired).toMatchObject({ condition: { whole: true }, ended, messages });
    expect(repaired.repair).toMatchObject({ cutBytes: String(condition.cutBytes) });
    expect((await readRecording(join(folder, 'repaired.mcap'))).run).toEqual(facts);
  });

  it('leaves out a damaged chunk and keeps the others', async () => {
    const bytes = await inTwoChunks();
    const before = await inspectRecording(written('two.mcap', bytes));
    bytes[bytes.indexOf('"joints":[')]! ^= 1;
    const damaged = written('damaged.mcap', bytes);
    expect(await inspectRecording(damaged)).toMatchObject({ condition: { whole: false, damagedChunks: 1 } });
    const sink = new MemorySink();
    const { messages, condition } = await repairRecording(damaged, sink, 'jepilot');
    expect(condition.damagedChunks).toBe(1);
    expect(messages).toBe(before.messages / 2);
  });
});
