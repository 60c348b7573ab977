import { writeFileSync } from 'node:fs';
import { factsOf, type RunFacts } from '#src/record/about.js';
import { RunFeed } from '#src/record/feed/run-feed.js';
import { Recorder, type RecorderOptions } from '#src/record/recorder.js';
import { tensor } from '#src/tensor.js';
import { MemorySink } from './memory-sink.ts';
import { evidence, picture, tick } from './sample-run.ts';

export const facts: RunFacts = {
  format: '1',
  version: '0.1.0',
  command: 'jepilot run sample --seed 3',
  task: 'sample',
  planner: 'icem',
  settings: { planner: 'icem', horizon: 5 },
  replanInterval: 4,
  iterations: 3,
  model: { name: 'sample-model', source: 'sample-model', sha256: 'ab'.repeat(32) },
  mode: 'fast',
  latency: 0,
  controlPeriod: 0.1,
  rate: 10,
  episode: { seed: 3, track: 'far', variation: {} },
  variation: { light: 1, door: 0.2 },
  start: { physics: [0.1, -0.30000000000000004], step: 0, met: 0 },
  goal: 'episode',
  action: { names: ['vx', 'vy'], minimum: [-1, -1], maximum: [1, 1], mode: 'velocity' },
  stateNames: ['x', 'y'],
  cameras: [{ name: 'top', width: 16, height: 16 }],
  distanceUnit: 'm',
  provider: 'cpu',
  config: { task: 'sample' },
  machine: { platform: 'linux', cores: 2 },
  started: '2026-03-01T12:30:05.123Z',
  clock: 'virtual',
};

/** A recorder into `sink` whose run begins at second 0 of the facts. */
export const recorderInto = (sink: MemorySink, options: Partial<RecorderOptions> = {}): Recorder =>
  new Recorder({
    sink,
    place: 'run.mcap',
    base: BigInt(Date.parse(facts.started)) * 1_000_000n,
    library: 'jepilot 0.1.0',
    run: factsOf(facts),
    onTrouble: (sentence) => {
      throw new Error(sentence);
    },
    ...options,
  });

const observation = (step: number) => ({
  step,
  time: 0.1 * step,
  images: { top: picture(step) },
  state: Float32Array.of(0.1 * step, -0.7),
});

/** Steps from one half to the other of a run that holds at first, and plans every fourth step. */
export function feedInto(recorder: Recorder, steps: number): void {
  let now = 0;
  const feed = new RunFeed({ stateNames: ['x', 'y'], controlPeriod: 0.1, seed: 3, now: () => now });
  recorder.follow(feed.message$);
  feed.goal({ ...observation(12), step: 0 });
  for (let step = 0; step <= steps; step++) {
    now = 0.1 * step;
    feed.timeStep({
      kind: step === 0 ? 'first' : 'mid',
      observation: observation(step),
      distance: 1 - step / 12,
      success: step === 12,
      reward: 0,
    });
    if (step === steps) break;
    const actions = tensor([2, 2], Float32Array.of(0.1, NaN, 3, 4));
    if (step % 4 === 0)
      feed.plan({ id: step / 4 + 1, actions, startStep: step, evidence: evidence(12 - step) }, step);
    feed.tick(tick(step, step === 0 ? 'hold' : 'plan'));
  }
  feed.end();
}

export const resultFacts = factsOf({
  stopped: '',
  result: { success: true },
  dropped: { image: 0, data: 0 },
});

/** A whole recording of a run as bytes. */
export async function sampleRecording(steps = 12): Promise<Buffer> {
  const sink = new MemorySink();
  const recorder = recorderInto(sink);
  feedInto(recorder, steps);
  await recorder.close(resultFacts);
  return sink.bytes;
}

export async function writeSample(path: string, steps = 12): Promise<string> {
  writeFileSync(path, await sampleRecording(steps));
  return path;
}
