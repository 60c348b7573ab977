import type { Observation } from '../env/observation.ts';
import type { SceneGoal } from '../env/scene-goal.ts';
import { JepilotError, reasonOf } from '../errors.ts';
import { connect, type Connection, type Port } from '../rpc.ts';
import type { ModelManifest } from '../world-model/manifest.ts';
import type { ProviderReport } from '../world-model/world-model.ts';
import type { EngineCalls, EngineConfig, SessionConfig } from './engine-protocol.ts';
import type { Policy } from './policy.ts';

/** What an engine needs of its worker: a `Worker` of `node:worker_threads`, or anything that talks and ends like one. */
export interface EngineWorker extends Port {
  on(event: 'message' | 'error', listener: (value: unknown) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
}

/** A world model in a thread of its own, and the planning sessions of many robots on it. */
export interface Engine extends AsyncDisposable {
  readonly manifest: ModelManifest;
  /** What the model runs on; after a failure of the provider, soon the next one. */
  readonly provider: ProviderReport;
  /** Opens a session: a policy whose plans are made in the worker, in turn or together with those of the other sessions. */
  policy(config: SessionConfig): Promise<Policy>;
  /** The picture of a goal in a task's scene, where the worker knows the tasks. */
  showGoal(task: string, goal: SceneGoal): Promise<Observation>;
}

/** The connection, and the end of the worker as a promise: whatever waits when it ends, fails with the reason. */
function watch(worker: EngineWorker): { connection: Connection<EngineCalls>; ended: Promise<void> } {
  const connection = connect<EngineCalls>(worker);
  const die = (reason: string): void =>
    connection.fail(
      new JepilotError('bad-state', `the planning engine's worker ${reason}; open a new engine`),
    );
  worker.on('error', (error: unknown) => die(`failed: ${reasonOf(error)}`));
  const ended = new Promise<void>((resolve) => {
    worker.on('exit', (code: number) => {
      die(code === 0 ? 'has ended' : `ended with code ${code}`);
      resolve();
    });
  });
  return { connection, ended };
}

/** Starts a worker that runs `serveEngine`, and loads the model there. Load errors come back as they were thrown. */
export async function openEngine(createWorker: () => EngineWorker, config: EngineConfig): Promise<Engine> {
  const { connection, ended } = watch(createWorker());
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> =>
    (stopped ??= connection.call('stop', null).then(
      () => ended,
      () => ended,
    ));
  try {
    const loaded = await connection.call('load', config);
    let { provider } = loaded;
    const look = async (): Promise<void> => {
      provider = await connection.call('provider', null);
    };
    return {
      manifest: loaded.manifest,
      get provider() {
        return provider;
      },
      policy: (session) => openPolicy(connection, session, () => void look().catch(() => undefined)),
      showGoal: (task, goal) => connection.call('showGoal', { task, goal }),
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openPolicy(
  connection: Connection<EngineCalls>,
  config: SessionConfig,
  onProviderLost: () => void,
): Promise<Policy> {
  const { session, name, window } = await connection.call('open', config);
  let open = true;
  return {
    name,
    window,
    reset: ({ seed, goal }) => connection.call('reset', { session, seed, goal }),
    setGoal: (goal) => connection.call('setGoal', { session, goal }),
    plan: (request) =>
      connection.call('plan', { session, request }).catch((error: unknown) => {
        if (error instanceof JepilotError && error.code === 'provider') onProviderLost();
        throw error;
      }),
    async [Symbol.asyncDispose]() {
      if (!open) return;
      open = false;
      // An engine that has ended took its sessions with it.
      await connection.call('close', { session }).catch(() => undefined);
    },
  };
}
