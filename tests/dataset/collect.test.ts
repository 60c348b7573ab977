import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import h5wasm, { type Dataset } from 'h5wasm/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { twoRoom } from '#envs/two-room/task.js';
import { checkCollection, mergeParts, missingEpisodes } from '#src/dataset/collect.js';
import { Parts } from '#src/dataset/parts.js';
import { recordEpisode, type CollectionSpec } from '#src/dataset/record-episode.js';
import { mujoco } from '#src/env/mujoco.js';
import { Physics } from '#src/env/physics.js';
import { stepTask } from '#src/env/step-task.js';
import { variationOf } from '#src/env/variation.js';

const spec: CollectionSpec = { task: 'two-room', episodes: 3, seed: 40, steps: 6, vary: [] };
const origin = { version: '0', command: 'c' };
let folder: string;
let out: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'collect-'));
  out = join(folder, 'set.h5');
});
afterEach(() => rmSync(folder, { recursive: true }));

const record = async (parts: Parts, indices: readonly number[], of = spec) => {
  for (const index of indices) parts.write(index, await recordEpisode(twoRoom, of, index));
};

describe('collection', () => {
  it('gives the same bytes whatever the order of recording, and leaves no parts', async () => {
    const other = join(folder, 'other.h5');
    for (const [file, order] of [
      [out, [0, 1, 2]],
      [other, [2, 0, 1]],
    ] as const) {
      const parts = new Parts(file);
      parts.open(spec);
      await record(parts, order);
      await mergeParts(twoRoom, spec, parts, file, origin, () => undefined);
    }
    expect(Buffer.compare(readFileSync(out), readFileSync(other))).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['other.h5', 'set.h5']);
  });

  it('writes the columns of stable-worldmodel, episodes end to end', async () => {
    const parts = new Parts(out);
    parts.open(spec);
    await record(parts, [0, 1, 2]);
    await mergeParts(twoRoom, spec, parts, out, origin, () => undefined);
    await h5wasm.ready;
    const file = new h5wasm.File(out, 'r');
    const shape = (name: string) => (file.get(name) as Dataset).shape;
    expect(shape('pixels')).toEqual([18, 64, 64, 3]);
    expect(shape('action')).toEqual([18, 2]);
    expect(shape('state')).toEqual([18, 4]);
    expect((file.get('ep_len') as Dataset).value).toEqual(Int32Array.of(6, 6, 6));
    expect((file.get('ep_offset') as Dataset).value).toEqual(BigInt64Array.of(0n, 6n, 12n));
    const second = await recordEpisode(twoRoom, spec, 1);
    expect((file.get('pixels') as Dataset).slice([[6, 12]])).toEqual(second.pixels);
    const about = JSON.parse(file.attrs['jepilot']!.value as string) as Record<string, unknown>;
    expect(about).toMatchObject({ task: 'two-room', seed: 40, episodes: 3, coverage: { door: [0, 0] } });
    file.close();
  });

  it('records the action that leads from one state to the next', async () => {
    const { state, action } = await recordEpisode(twoRoom, spec, 0);
    using physics = new Physics(await mujoco(), twoRoom.scene(variationOf(twoRoom, {})));
    physics.setConfiguration(Float64Array.of(state[0]!, state[1]!));
    stepTask(twoRoom, physics, action.slice(0, 2));
    expect(physics.joint('x').position).toBeCloseTo(state[4]!, 5);
    expect(physics.joint('y').position).toBeCloseTo(state[5]!, 5);
  });

  it('goes on where it was killed: finished episodes are kept, half-written ones are not counted', async () => {
    const parts = new Parts(out);
    parts.open(spec);
    await record(parts, [1]);
    writeFileSync(join(parts.folder, '0000002.part.tmp'), 'half');
    const reopened = new Parts(out);
    reopened.open(spec);
    expect(missingEpisodes(spec, reopened)).toEqual([0, 2]);
  });

  it('refuses parts of another collection, damaged parts, and seeds that are kept for evaluation', async () => {
    const parts = new Parts(out);
    parts.open(spec);
    expect(() => new Parts(out).open({ ...spec, steps: 7 })).toThrow(/another collection/);
    await record(parts, [0]);
    truncateSync(join(parts.folder, '0000000.part'), 20);
    expect(() => parts.read(0)).toThrow(/damaged/);
    expect(() => checkCollection(twoRoom, { ...spec, seed: 999_998 })).toThrow(/kept for evaluation/);
    expect(() => checkCollection(twoRoom, { ...spec, vary: ['wind'] })).toThrow(/no factor 'wind'/);
  });

  it('varies what it is told to, within range', async () => {
    const varied = { ...spec, vary: ['door', 'oneWay'] };
    const names = Object.keys(twoRoom.factors);
    const doors = [];
    for (let i = 0; i < 3; i++)
      doors.push((await recordEpisode(twoRoom, varied, i)).variation[names.indexOf('door')]!);
    expect(new Set(doors).size).toBe(3);
    for (const door of doors) expect(Math.abs(door)).toBeLessThanOrEqual(0.35);
  });
});
