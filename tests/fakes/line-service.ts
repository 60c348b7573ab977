import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { twoRoom } from '#envs/two-room/task.js';
import type { Observation } from '#src/env/observation.js';
import type { Task } from '#src/env/task.js';
import { JepilotError } from '#src/errors.js';
import type { Policy } from '#src/planning/policy.js';
import { planningSettings } from '#src/planning/settings.js';
import { EngineSlot, type RunningEngine } from '#src/serve/engine-slot.js';
import type { ServeEvent } from '#src/serve/events.js';
import type { TaskService } from '#src/serve/task-service.js';
import { ModelManifest } from '#src/world-model/manifest.js';
import { LinePolicy, type LinePolicyOptions } from './line-policy.ts';

const shipped = ModelManifest.parse(
  JSON.parse(readFileSync(resolve(import.meta.dirname, '../../models/two-room/manifest.json'), 'utf8')),
);

/** A model's manifest for the line: one velocity, a picture of 4×2, two model steps of two. */
export const lineManifest: ModelManifest = {
  ...shipped,
  name: 'line',
  task: 'line',
  cameras: [{ name: 'side', width: 4, height: 2 }],
  action: { dim: 1, repeat: 2, mean: [0], std: [1], minimum: [-1], maximum: [1] },
  planning: { ...shipped.planning, planner: 'line', horizon: 4, iterations: 2, replanInterval: 3 },
};

const lineTask: Task = {
  ...twoRoom,
  name: 'line',
  actionSpec: { dim: 1, minimum: [-1], maximum: [1], names: ['velocity'], mode: 'velocity' },
  stateNames: ['position'],
  cameras: lineManifest.cameras,
};

/** A picture, and the position that the line policy really reads. */
export const lineObservation = (position: number, step = 0): Observation => ({
  step,
  time: 0.1 * step,
  images: { side: { width: 4, height: 2, data: new Uint8Array(24).fill(100) } },
  state: Float32Array.of(position),
});

/** An engine that solves the line in this process, and can be lost. */
export class LineEngine {
  readonly policies: LinePolicy[] = [];
  readonly running: RunningEngine;
  killed = false;
  #end: (reason: string) => void = () => undefined;
  #lost: ((error: Error) => void)[] = [];

  constructor(options: LinePolicyOptions = {}) {
    const ended = new Promise<string>((resolve) => (this.#end = resolve));
    this.running = {
      ended,
      kill: () => {
        this.killed = true;
        this.lose('was killed');
      },
      engine: {
        manifest: lineManifest,
        provider: { used: 'line', rejected: [] },
        policy: async () => this.#open(options),
        showGoal: async () => lineObservation(0.75),
        [Symbol.asyncDispose]: async () => undefined,
      },
    };
  }

  /** As if the process had died: whatever waits, fails; then the end is known. */
  lose(reason: string): void {
    for (const reject of this.#lost) reject(new JepilotError('bad-state', 'the worker ended'));
    this.#end(reason);
  }

  #open(options: LinePolicyOptions): Policy {
    const policy = new LinePolicy(options);
    this.policies.push(policy);
    const lost = new Promise<never>((_, reject) => this.#lost.push(reject));
    lost.catch(() => undefined);
    return {
      name: 'line',
      window: 1,
      reset: (episode) => policy.reset(episode),
      setGoal: (goal) => policy.setGoal(goal),
      plan: (request) => Promise.race([policy.plan(request), lost]),
      [Symbol.asyncDispose]: () => policy[Symbol.asyncDispose](),
    };
  }
}

/** Time that passes when a test says so. */
export class FakeTime {
  #now = 0;
  #timers: { due: number; callback: () => void }[] = [];
  readonly now = (): number => this.#now;
  readonly after = (seconds: number, callback: () => void): (() => void) => {
    const timer = { due: this.#now + seconds, callback };
    this.#timers.push(timer);
    return () => (this.#timers = this.#timers.filter((other) => other !== timer));
  };

  pass(seconds: number): void {
    this.#now += seconds;
    const due = this.#timers.filter((timer) => timer.due <= this.#now);
    this.#timers = this.#timers.filter((timer) => timer.due > this.#now);
    for (const { callback } of due) callback();
  }
}

/** The line as a served task. `start` gives the engine of each slot, each time one is started. */
export function lineService(
  start: (slot: number) => LineEngine,
  {
    slots = 1,
    time = new FakeTime(),
    emit = (): void => undefined,
  }: {
    slots?: number;
    time?: FakeTime;
    emit?: (event: ServeEvent) => void;
  } = {},
): TaskService {
  return {
    task: lineTask,
    taskName: 'line',
    manifest: lineManifest,
    settle: async (overrides) => planningSettings(lineManifest, overrides),
    slots: Array.from(
      { length: slots },
      (_, i) =>
        new EngineSlot({
          name: `line/${i + 1}`,
          now: time.now,
          after: time.after,
          hangsAfter: 30,
          start: async () => start(i).running,
          onState: (state, reason) =>
            emit({
              kind: 'engine',
              engine: `line/${i + 1}`,
              task: 'line',
              state,
              ...(reason !== undefined && { reason }),
            }),
        }),
    ),
  };
}
