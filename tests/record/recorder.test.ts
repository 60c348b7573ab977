import { McapIndexedReader, type McapTypes } from '@mcap/core';
import { VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { MemorySink } from './memory-sink.ts';
import { feedInto, recorderInto, resultFacts, sampleRecording } from './sample-recording.ts';

const open = (bytes: Buffer) =>
  McapIndexedReader.Initialize({
    readable: {
      size: async () => BigInt(bytes.length),
      read: async (offset, size) => bytes.subarray(Number(offset), Number(offset + size)),
    },
  });

async function messagesOf(bytes: Buffer): Promise<(McapTypes.Message & { topic: string })[]> {
  const reader = await open(bytes);
  const messages = [];
  for await (const message of reader.readMessages({ validateCrcs: true }))
    messages.push({ ...message, topic: reader.channelsById.get(message.channelId)!.topic });
  return messages;
}

describe('Recorder', () => {
  it('leaves a file that the reference reader takes by its index, checksums and all', async () => {
    const bytes = await sampleRecording();
    const messages = await messagesOf(bytes);
    const count = (topic: string) => messages.filter((message) => message.topic === topic).length;
    expect([
      count('/obs/state'),
      count('/obs/image/top'),
      count('/action/sent'),
      count('/plan/summary'),
    ]).toEqual([13, 13, 12, 3]);
    // The action of the last step has been executed too: an observation came after it.
    expect(count('/action/executed')).toBe(12);
    const times = messages.map(({ logTime }) => logTime);
    expect(times).toEqual([...times].sort((a, b) => (a < b ? -1 : 1)));
    const reader = await open(bytes);
    expect(reader.statistics?.messageCount).toBe(BigInt(messages.length));
    const names = [];
    for await (const { name } of reader.readMetadata()) names.push(name);
    expect(names).toEqual(['run', 'result']);
  });

  it('says in JSON what JSON has no number for, and leaves out what is not there', async () => {
    const messages = await messagesOf(await sampleRecording());
    const body = (topic: string) =>
      JSON.parse(Buffer.from(messages.find((m) => m.topic === topic)!.data).toString()) as Record<
        string,
        unknown
      >;
    expect(body('/plan/summary')['rows']).toEqual([{ values: [0.1, 'NaN'] }, { values: [3, 4] }]);
    expect(body('/action/sent')).toEqual({
      timestamp: { sec: 1772368205, nsec: 123000000 },
      step: 0,
      values: [0, 0],
      time: 0,
      source: 'hold',
      reason: 'no-plan-yet',
      clamped: false,
    });
  });

  it('has everything on disk within half a second, without being closed', async () => {
    const scheduler = new VirtualTimeScheduler(undefined, 501);
    const sink = new MemorySink();
    const recorder = recorderInto(sink, { scheduler });
    feedInto(recorder, 12);
    await recorder.settled();
    const before = sink.bytes.length;
    scheduler.flush();
    await recorder.settled();
    expect(sink.bytes.length).toBeGreaterThan(before + 2000);
    expect(sink.syncs).toBe(1);
    await recorder.close();
  });

  it('leaves out the oldest pictures, then data, and no event, when the disk is too slow', async () => {
    let release = (): void => undefined;
    const sink = new MemorySink(Infinity, new Promise((resolve) => (release = resolve)));
    const told: string[] = [];
    const recorder = recorderInto(sink, { limit: 8000, onTrouble: (sentence) => told.push(sentence) });
    feedInto(recorder, 200);
    release();
    await recorder.close(resultFacts);
    const messages = await messagesOf(sink.bytes);
    const events = messages
      .filter(({ topic }) => topic === '/safety/events')
      .map(({ data }) => JSON.parse(Buffer.from(data).toString()) as { kind: string; count?: number });
    expect(events.map(({ kind }) => kind)).toEqual(['hold', 'go', 'dropped']);
    const { image, data } = recorder.dropped;
    expect(events.at(-1)?.count).toBe(image + data);
    expect(image).toBeGreaterThan(190);
    expect(messages.length + image + data - 1).toBe((await messagesOf(await sampleRecording(200))).length);
    expect(told).toEqual(['run.mcap: the disk is too slow; pictures are left out']);
  });

  it('ends after its last whole chunk on a full disk, says so once, and lets the run go on', async () => {
    const scheduler = new VirtualTimeScheduler(undefined, 501);
    const whole = await sampleRecording();
    const sink = new MemorySink(whole.length);
    const told: string[] = [];
    const recorder = recorderInto(sink, { scheduler, onTrouble: (sentence) => told.push(sentence) });
    feedInto(recorder, 12);
    scheduler.flush();
    await recorder.settled();
    const kept = sink.bytes.length;
    feedInto(recorder, 50);
    await recorder.close(resultFacts);
    expect(told).toEqual([
      'cannot write run.mcap: ENOSPC: no space left on device, write; the run goes on without a recording',
    ]);
    expect(sink.bytes.length).toBe(kept);
    expect(sink.closed).toBe(true);
  });
});
