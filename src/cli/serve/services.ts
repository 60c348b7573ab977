import type { Task } from '../../env/task.ts';
import { JepilotError } from '../../errors.ts';
import { openEngine } from '../../planning/engine.ts';
import { rehearse } from '../../planning/rehearse.ts';
import type { PlanningOverrides, PlanningSettings } from '../../planning/settings.ts';
import { EngineSlot, type RunningEngine } from '../../serve/engine-slot.ts';
import type { ServeEvent } from '../../serve/events.ts';
import type { TaskService } from '../../serve/task-service.ts';
import { isPath } from '../load-entry.ts';
import { choosePlanning, type PlanningChoice, type PlanningRequest } from '../planning.ts';
import { loadTask } from '../tasks.ts';
import { engineProcess } from './engine-process.ts';

export interface ServicesOptions {
  readonly tasks: readonly string[];
  readonly request: PlanningRequest;
  /** Engines for each task. */
  readonly engines: number;
  readonly emit: (event: ServeEvent) => void;
  readonly now: () => number;
}

/** Seconds after which an engine that does not answer is ended. */
const HANGS_AFTER = 30;
/** How far a peer may exceed what the server plans with, so that none takes the engine for itself. */
const LIMITS = { samples: 8, horizon: 4, iterations: 8 } as const;

/** The tasks that are served, with engines that are not started yet. */
export const taskServices = (options: ServicesOptions): Promise<TaskService[]> =>
  Promise.all(options.tasks.map((name) => service(name, options)));

async function service(taskName: string, options: ServicesOptions): Promise<TaskService> {
  const task = await loadTask(taskName);
  const { request } = options;
  const choice = await choosePlanning(task, request);
  const { model, settings } = choice;
  if (!model || !settings)
    throw new JepilotError(
      'invalid-value',
      `planner '${choice.planner}' needs no model, so there is nothing to serve`,
    );
  const slots = Array.from({ length: options.engines }, (_, i) =>
    slot(options, task, `${task.name}/${i + 1}`, choice),
  );
  return {
    task,
    taskName,
    manifest: model.manifest,
    slots,
    settle: (overrides) => settle(task, request, settings, overrides),
  };
}

function slot(
  { request, emit, now }: ServicesOptions,
  task: Task,
  name: string,
  choice: PlanningChoice,
): EngineSlot {
  return new EngineSlot({
    name,
    now,
    start: () => start(request, task, choice),
    after: (seconds, callback) => {
      const timer = setTimeout(callback, 1000 * seconds);
      timer.unref();
      return () => clearTimeout(timer);
    },
    hangsAfter: HANGS_AFTER,
    onState: (state, reason) =>
      emit({ kind: 'engine', engine: name, task: task.name, state, ...(reason !== undefined && { reason }) }),
  });
}

/** An engine with its model loaded, which has planned a few times for nothing. */
async function start(request: PlanningRequest, task: Task, choice: PlanningChoice): Promise<RunningEngine> {
  const { model, settings, planner } = choice;
  if (!model || !settings) throw new JepilotError('bad-state', 'an engine needs a model');
  const process = engineProcess();
  const ended = new Promise<string>((resolve) => {
    process.on('exit', (code) => resolve(code === 0 ? 'ended' : `ended with code ${code}`));
    process.on('error', (error) => resolve(`failed: ${String(error)}`));
  });
  const { provider, threads, precision = 'auto' } = request;
  const config = { model: model.folder, provider, threads, precision };
  const engine = await openEngine(() => process, config);
  try {
    const policy = await engine.policy({ planner, settings, mode: task.actionSpec.mode });
    await rehearse(policy, engine.manifest, choice.iterations);
    await policy[Symbol.asyncDispose]();
    return { engine, ended, kill: () => process.kill() };
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

/** What a peer asks for, within what the server's owner allows. A module's path would run a peer's choice of code. */
async function settle(
  task: Task,
  request: PlanningRequest,
  own: PlanningSettings,
  asked: PlanningOverrides,
): Promise<PlanningSettings> {
  const { planner } = asked;
  if (planner !== undefined && planner !== own.planner && isPath(planner))
    throw new JepilotError(
      'refused',
      `planner '${planner}' is a path; over a connection planners go by name`,
    );
  for (const [name, factor] of Object.entries(LIMITS)) {
    const key = name as keyof typeof LIMITS;
    const limit = factor * own[key];
    if ((asked[key] ?? 0) > limit)
      throw new JepilotError(
        'out-of-range',
        `planning setting '${name}' is ${asked[key]}; this server allows ${limit}`,
      );
  }
  const { settings } = await choosePlanning(task, {
    ...request,
    planner: planner ?? request.planner,
    overrides: { ...request.overrides, ...asked },
  });
  if (settings) return settings;
  throw new JepilotError('invalid-value', `planner '${planner ?? ''}' needs no model; it is not served`);
}
