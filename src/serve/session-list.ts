import { JepilotError } from '../errors.ts';
import { windowLength } from '../planning/window.ts';
import type { ServeLimits } from './context.ts';
import type { ServeEvent } from './events.ts';
import { Session, type FindFrame } from './planning-session.ts';
import type { PlanningSession, SessionInfo, SessionRequest, Sessions } from './sessions.ts';
import { serviceOf, type TaskService } from './task-service.ts';

export interface SessionListOptions {
  readonly services: readonly TaskService[];
  readonly limits: ServeLimits;
  readonly emit: (event: ServeEvent) => void;
  readonly findFrame: FindFrame;
}

/** The sessions of a server, as many as its limits allow. */
export function sessionList({ services, limits, emit, findFrame }: SessionListOptions): Sessions {
  const open = new Set<PlanningSession>();
  let opened = 0;
  let opening = 0;

  async function create(request: SessionRequest): Promise<PlanningSession> {
    const service = serviceOf(services, request.task);
    const settings = await service.settle(request.settings ?? {});
    const session = new Session({
      info: infoOf(`s${++opened}`, request, service, settings),
      service,
      settings,
      emit,
      iterationsFactor: limits.iterationsFactor,
      findFrame,
      onClosed: (closed) => void open.delete(closed),
    });
    open.add(session);
    emit({ kind: 'opened', session: session.info });
    return session;
  }

  return {
    async open(request) {
      if (open.size + opening >= limits.sessions)
        throw new JepilotError(
          'refused',
          `${limits.sessions} sessions are open, and more are not allowed: close one, or raise --max-sessions`,
        );
      opening += 1;
      try {
        return await create(request);
      } finally {
        opening -= 1;
      }
    },
    list: () => [...open],
  };
}

function infoOf(
  id: string,
  { robot, protocol, peer }: SessionRequest,
  { task, manifest }: TaskService,
  settings: { planner: string; horizon: number; replanInterval: number; iterations: number },
): SessionInfo {
  const { actionSpec, stateNames, cameras, controlPeriod } = task;
  const { planner, horizon, replanInterval, iterations } = settings;
  return {
    ...{ id, robot, protocol, peer, task: task.name, planner, model: manifest },
    ...{ actionSpec, stateNames, controlPeriod, replanInterval, iterations },
    cameras: cameras.filter(({ name }) => manifest.cameras.some((wanted) => wanted.name === name)),
    window: windowLength(manifest.history),
    rows: horizon * manifest.action.repeat,
  };
}
