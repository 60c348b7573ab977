import type { Task } from '../env/task.ts';
import { JepilotError } from '../errors.ts';
import type { Engine } from '../planning/engine.ts';
import type { PlanningOverrides, PlanningSettings } from '../planning/settings.ts';
import type { ModelManifest } from '../world-model/manifest.ts';
import type { EngineSlot } from './engine-slot.ts';

/** A task that is served, with the model and the engines for it. */
export interface TaskService {
  readonly task: Task;
  /** What an engine calls the task: its name, or the path of its module. */
  readonly taskName: string;
  readonly manifest: ModelManifest;
  readonly slots: readonly EngineSlot[];
  /** The settings of a session, checked; `unknown-name` and the like for what can't be. */
  settle(overrides: PlanningOverrides): Promise<PlanningSettings>;
}

/**
 * The ready engine with the fewest sessions. Starts the engines where nobody has yet, and waits for them the first time;
 * later, when all of them are lost, it is `provider`.
 */
export async function readyEngine({
  task,
  slots,
}: TaskService): Promise<{ slot: EngineSlot; engine: Engine }> {
  const ready = (): EngineSlot | undefined =>
    slots.filter((slot) => slot.engine).sort((a, b) => a.sessions - b.sessions)[0];
  let slot = ready();
  if (!slot && slots.some((s) => s.state === 'starting')) {
    await Promise.any(slots.map((s) => s.start())).catch(() => undefined);
    slot = ready();
  }
  const engine = slot?.engine;
  if (slot && engine) return { slot, engine };
  throw new JepilotError(
    'provider',
    `no planning engine of task '${task.name}' is ready; hold and ask again while one is started`,
  );
}

/** The service of a task by name, the first one where no name is given. */
export function serviceOf(services: readonly TaskService[], name: string | undefined): TaskService {
  const found = name === undefined ? services[0] : services.find((service) => service.task.name === name);
  if (found) return found;
  const known = services.map((service) => service.task.name).join(', ') || 'none';
  throw new JepilotError('unknown-name', `task '${name ?? ''}' is not served here; served: ${known}`);
}
