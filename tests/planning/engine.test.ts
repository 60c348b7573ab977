import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { modelPolicies, planners } from '#policies/index.js';
import { JepilotError } from '#src/errors.js';
import { serveEngine, type EngineParts } from '#src/planning/engine-host.js';
import { openEngine, type EngineWorker } from '#src/planning/engine.js';
import { mpcPolicy } from '#src/planning/mpc-policy.js';
import { pick } from '#src/registry.js';
import { tensor, zeros } from '#src/tensor.js';
import type { Job } from '#src/world-model/world-model.js';
import { LinearWorldModel, seen, wholeManifest } from '../fakes/linear-world-model.js';
import { drive } from './drive.js';

const settings = { horizon: 4, samples: 32, elites: 6, objective: { kind: 'metric', over: 'sum' } } as const;
const goal = { kind: 'observation', value: seen(0, 1, 1) } as const;
const config = { model: 'linear', provider: 'cpu', precision: 'fp32', threads: 1 } as const;
const run = { steps: 15, every: 5, latency: 2, from: [0, 0] } as const;
const now = () => 0;

/** A worker in this thread: the engine's host behind one end of a channel, which ends when the host lets go of it. */
class HostedWorker extends EventEmitter implements EngineWorker {
  readonly model = new LinearWorldModel();
  readonly port: MessagePort;

  constructor(parts: Partial<EngineParts> = {}) {
    super();
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    port1.on('message', (message) => this.emit('message', message));
    port1.on('close', () => this.emit('exit', 0));
    const hosted = {
      on: port2.on.bind(port2),
      postMessage: port2.postMessage.bind(port2),
      off: (event: 'message', listener: (message: unknown) => void) => {
        port2.off(event, listener);
        port2.close();
      },
    };
    serveEngine(hosted, {
      load: async () => this.model,
      findPlanner: async (name) => pick('planner', planners, name),
      findModelPolicy: (name) => modelPolicies.find((policy) => policy.name === name),
      now,
      ...parts,
    });
  }

  postMessage(message: unknown): void {
    this.port.postMessage(message);
  }

  /** As an uncaught error ends a worker. */
  die(): void {
    this.emit('error', new Error('out of memory'));
    this.emit('exit', 1);
    this.port.close();
  }
}

/** A model whose evaluations take until `open()`. */
class GatedModel extends LinearWorldModel {
  open = (): void => undefined;
  #enter = (): void => undefined;
  readonly entered = new Promise<void>((resolve) => (this.#enter = resolve));
  readonly #opened = new Promise<void>((resolve) => (this.open = resolve));

  override async evaluate(jobs: readonly Job[]) {
    this.#enter();
    await this.#opened;
    return super.evaluate(jobs);
  }
}

const open = async (worker = new HostedWorker()) => openEngine(() => worker, config);
const request = {
  observations: [seen(0, 0, 0)],
  executed: zeros([0, 2]),
  committed: zeros([0, 2]),
  budget: { iterations: 2 },
};

describe('planning engine', () => {
  it('tells what it has loaded, and warms the model up for a session', async () => {
    const worker = new HostedWorker();
    await using engine = await open(worker);
    expect(engine.manifest).toEqual(worker.model.manifest);
    expect(engine.provider.used).toBe('arithmetic');
    await using policy = await engine.policy({ planner: 'icem', settings });
    expect(policy).toMatchObject({ name: 'icem', window: 1 });
    expect(worker.model.prepared).toEqual([4]);
  });

  it('plans exactly as the policy does without an engine', async () => {
    const local = mpcPolicy({
      model: new LinearWorldModel(),
      planner: pick('planner', planners, 'cem'),
      settings,
      now,
    });
    await local.reset({ seed: 3, goal });
    await using engine = await open();
    await using remote = await engine.policy({ planner: 'cem', settings });
    await remote.reset({ seed: 3, goal });
    expect((await drive(remote, run)).plans).toEqual((await drive(local, run)).plans);
  });

  it.each(modelPolicies)(
    'opens policy $name, which has the model’s own planner where it searches',
    async (kind) => {
      const model = new LinearWorldModel(wholeManifest({ planner: 'cem' }));
      const planner = pick('planner', planners, 'cem');
      await using local = await kind.create({ model, planner, settings, now });
      await local.reset({ seed: 3, goal });
      await using engine = await open(new HostedWorker({ load: async () => model }));
      await using remote = await engine.policy({ planner: kind.name, settings });
      expect(remote).toMatchObject({ name: kind.name, window: 1 });
      await remote.reset({ seed: 3, goal });
      expect((await drive(remote, run)).plans).toEqual((await drive(local, run)).plans);
    },
  );

  it('gives a model policy a planner of its own, where the model’s default is one itself', async () => {
    const model = new LinearWorldModel(wholeManifest({ planner: 'waypoint' }));
    await using engine = await open(new HostedWorker({ load: async () => model }));
    await using policy = await engine.policy({ planner: 'waypoint', settings });
    await policy.reset({ seed: 3, goal });
    expect((await policy.plan(request)).actions.shape).toEqual([20, 2]);
  });

  it('says at once what a model lacks for a policy or a planner', async () => {
    await using engine = await open();
    for (const planner of ['prior', 'gradient']) {
      await expect(engine.policy({ planner, settings })).rejects.toMatchObject({ code: 'bad-model' });
    }
  });

  it('keeps many sessions apart: together they plan as each does alone', async () => {
    await using engine = await open();
    const play = async (seed: number) => {
      await using policy = await engine.policy({ planner: 'icem', settings });
      await policy.reset({ seed, goal });
      return (await drive(policy, run)).plans;
    };
    const alone = [await play(1), await play(2), await play(3)];
    expect(await Promise.all([play(1), play(2), play(3)])).toEqual(alone);
  });

  it('leaves the caller its observations and rows', async () => {
    await using engine = await open();
    const policy = await engine.policy({ planner: 'icem', settings });
    await policy.reset({ seed: 1, goal });
    const committed = tensor([2, 2], Float32Array.of(1, 1, 1, 1));
    await policy.plan({ ...request, committed });
    expect(goal.value.state).toHaveLength(2);
    expect(request.observations[0]!.state).toHaveLength(2);
    expect(committed.data).toHaveLength(4);
  });

  it('passes typed errors on', async () => {
    await using engine = await open();
    await expect(engine.policy({ planner: 'nope', settings })).rejects.toMatchObject({
      name: 'JepilotError',
      code: 'unknown-name',
    });
    const policy = await engine.policy({ planner: 'icem', settings });
    await expect(policy.plan(request)).rejects.toMatchObject({ code: 'bad-state' });
    await policy.reset({ seed: 1, goal });
    const late = policy.plan({ ...request, committed: zeros([18, 2]) });
    await expect(late).rejects.toMatchObject({ code: 'out-of-range' });
  });

  it('gives back why a model did not load, and ends its worker', async () => {
    const load = async () => {
      throw new JepilotError('bad-file', 'no manifest there');
    };
    const worker = new HostedWorker({ load });
    const ended = new Promise((resolve) => worker.on('exit', resolve));
    await expect(open(worker)).rejects.toMatchObject({ code: 'bad-file', message: 'no manifest there' });
    await ended;
  });

  it('finishes the plan in flight when it is stopped, refuses what waits, and releases the model', async () => {
    const model = new GatedModel();
    const engine = await open(new HostedWorker({ load: async () => model }));
    const one = await engine.policy({ planner: 'icem', settings });
    const two = await engine.policy({ planner: 'icem', settings });
    await one.reset({ seed: 1, goal });
    await two.reset({ seed: 1, goal });
    const flying = one.plan(request);
    const waiting = two.plan(request);
    await model.entered;
    const stopped = engine[Symbol.asyncDispose]();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(model.disposed).toBe(false);
    model.open();
    expect((await flying).actions.shape).toEqual([20, 2]);
    await expect(waiting).rejects.toMatchObject({
      code: 'bad-state',
      message: 'the planning engine has stopped',
    });
    await stopped;
    expect(model.disposed).toBe(true);
    await expect(one.plan(request)).rejects.toMatchObject({ code: 'bad-state' });
    await engine[Symbol.asyncDispose]();
    await one[Symbol.asyncDispose]();
  });

  it('closes a session without touching the others', async () => {
    await using engine = await open();
    const [one, two] = [
      await engine.policy({ planner: 'icem', settings }),
      await engine.policy({ planner: 'icem', settings }),
    ];
    await two.reset({ seed: 1, goal });
    await one[Symbol.asyncDispose]();
    await expect(one.reset({ seed: 1, goal })).rejects.toThrow('session 1 is closed');
    expect((await two.plan(request)).id).toBe(1);
  });

  it('rejects all that waits when the worker dies, and all that comes after', async () => {
    const worker = new HostedWorker();
    const engine = await open(worker);
    const policy = await engine.policy({ planner: 'icem', settings });
    await policy.reset({ seed: 1, goal });
    const flying = policy.plan(request);
    worker.die();
    await expect(flying).rejects.toMatchObject({
      code: 'bad-state',
      message: "the planning engine's worker failed: out of memory; open a new engine",
    });
    await expect(policy.plan(request)).rejects.toThrow('out of memory');
    await engine[Symbol.asyncDispose]();
  });
});
