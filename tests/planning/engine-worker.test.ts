import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workerEntry } from '#src/cli/workers/entry.js';
import { openEngine, type Engine } from '#src/planning/engine.js';
import { zeros } from '#src/tensor.js';
import { writeTinyModel, type TinyModel } from '../fakes/tiny-model.js';
import { noise, tiny, tinyAction } from '../fakes/tiny-world.js';

const objective = { kind: 'metric', over: 'sum' } as const;
const session = { planner: 'icem', settings: { horizon: 3, samples: 64, elites: 8, objective } };
const goal = { kind: 'observation', value: noise(99) } as const;

const request = (iterations: number) => ({
  observations: [noise(0), noise(1)],
  executed: zeros([0, tinyAction.dim]),
  committed: zeros([2, tinyAction.dim]),
  budget: { iterations },
});

/** The engine as it ships: the built worker, ONNX Runtime in it, a real model folder. */
describe('planning engine in its worker', () => {
  let model: TinyModel;
  let exits: number[];

  const open = (folder = model.folder): Promise<Engine> => {
    // Without the test runner's `--conditions source`, which the built worker would inherit.
    const worker = new Worker(workerEntry('engine'), { execArgv: [] });
    worker.on('exit', (code) => exits.push(code));
    return openEngine(() => worker, { model: folder, provider: 'cpu', precision: 'fp32', threads: 1 });
  };
  beforeAll(async () => {
    exits = [];
    model = await writeTinyModel({ metric: 'embedding' });
  });
  afterAll(() => model[Symbol.asyncDispose]());

  it('plans', async () => {
    await using engine = await open();
    expect(engine.manifest).toEqual(model.manifest);
    expect(engine.provider.used).toBe('cpu');
    await using policy = await engine.policy(session);
    await policy.reset({ seed: 1, goal });
    const { actions, startStep, evidence } = await policy.plan(request(3));
    expect(actions.shape).toEqual([3 * tinyAction.repeat - 2, tinyAction.dim]);
    expect(startStep).toBe(3);
    const present = model.world.distance(
      model.world.encode([noise(0), noise(1)].slice(-tiny.frames)),
      model.world.encode([goal.value, goal.value]),
    );
    expect(evidence.timeToGo! / tinyAction.repeat).toBeCloseTo(present!, 3);
    expect(evidence.costs[0]).toBeGreaterThanOrEqual(evidence.costs[2]!);
  });

  it('stops while a plan is in flight, without a word from the runtime', async () => {
    exits = [];
    const engine = await open();
    const policy = await engine.policy(session);
    await policy.reset({ seed: 1, goal });
    const flying = policy.plan(request(300));
    await engine[Symbol.asyncDispose]();
    expect((await flying).evidence.iterations).toBe(300);
    expect(exits).toEqual([0]);
  });

  it('says why a model cannot be loaded', async () => {
    exits = [];
    await expect(open('/no/such/model')).rejects.toMatchObject({ name: 'JepilotError', code: 'io' });
    expect(exits).toEqual([0]);
  });
});
