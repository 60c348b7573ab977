import type { StampedEvent } from '../../serve/events.ts';
import type { SessionStatus } from '../../serve/status.ts';

/** What a person wants to read of an event; null for what comes many times a second. */
function sentence(event: StampedEvent, closing: (id: string) => SessionStatus | undefined): string | null {
  switch (event.kind) {
    case 'connected':
      return `${event.peer.id} connected by ${event.protocol} from ${event.peer.address}`;
    case 'disconnected':
      return `${event.peer.id} disconnected: ${event.code}${event.reason ? ` ${event.reason}` : ''}`;
    case 'refused':
      return `refused ${event.address} at ${event.path}: ${event.status}, ${event.reason}`;
    case 'opened': {
      const { id, peer, robot, task, planner } = event.session;
      return `${id} opened for ${robot} (${peer}): task ${task}, planner ${planner}`;
    }
    case 'reset':
      return `${event.session} begins an episode, seed ${event.seed}`;
    case 'goal':
      return `${event.session} has a new goal; ${event.waiting} wait`;
    case 'failed':
      return `${event.session} could not plan: ${event.error.message}`;
    case 'dropped':
      return `${event.peer} ${event.what} dropped: ${event.reason}`;
    case 'robot':
      return `${event.session} robot is ${event.report.state}${event.report.reason ? `: ${event.report.reason}` : ''}`;
    case 'order':
      return `${event.session} order ${event.order} by ${event.by}`;
    case 'closed':
      return `${event.session} closed: ${event.reason}${summary(closing(event.session))}`;
    case 'engine':
      return `engine ${event.engine} (${event.task}) ${event.state}${event.reason ? `: ${event.reason}` : ''}`;
    default:
      return null;
  }
}

function summary(status: SessionStatus | undefined): string {
  if (!status?.planMs) return '';
  const ms = (quantiles: SessionStatus['planMs']): string =>
    quantiles ? `p50 ${quantiles.p50.toFixed(1)} ms, p99 ${quantiles.p99.toFixed(1)} ms` : '–';
  const { plans, failures, planMs, queueMs, overheadMs } = status;
  return `; ${plans} plans, ${failures} failed; plan ${ms(planMs)}; queue ${ms(queueMs)}; overhead ${ms(overheadMs)}`;
}

/** An event for a machine: pictures and latents would drown the rest, so goals and observations are named only. */
function record(event: StampedEvent): string | null {
  if (event.kind === 'observed' || event.kind === 'tick') return null;
  if (event.kind === 'planned') {
    const { session, time, step, plan, queueMs, reached } = event;
    return JSON.stringify({
      time,
      kind: event.kind,
      session,
      step,
      id: plan.id,
      queueMs,
      reached,
      ...plan.evidence,
    });
  }
  if (event.kind === 'opened') {
    const { model, ...session } = event.session;
    return JSON.stringify({ ...event, session: { ...session, model: model.name } });
  }
  if (event.kind === 'reset' || event.kind === 'goal')
    return JSON.stringify({ ...event, goal: event.goal.kind });
  return JSON.stringify(event);
}

/** What is worth a line only when it differs from the session's last one of its kind; undefined for the rest. */
const repeatable = (event: StampedEvent): string | undefined =>
  event.kind === 'robot' || event.kind === 'failed' ? `${event.session} ${event.kind}` : undefined;

/** Writes events to stderr as they happen: lines for a person, or JSON lines. What only repeats itself is left out. */
export function eventLog(
  json: boolean,
  closing: (id: string) => SessionStatus | undefined,
  write: (line: string) => void,
): (event: StampedEvent) => void {
  const shown = new Map<string, string>();
  return (event) => {
    if (json) {
      const line = record(event);
      if (line !== null) write(line);
      return;
    }
    if (event.kind === 'planned') shown.delete(`${event.session} failed`);
    const line = sentence(event, closing);
    if (line === null) return;
    const about = repeatable(event);
    if (about !== undefined && shown.get(about) === line) return;
    if (about !== undefined) shown.set(about, line);
    if (event.kind === 'closed')
      for (const kind of ['robot', 'failed']) shown.delete(`${event.session} ${kind}`);
    write(`${event.time.toFixed(3).padStart(9)}  ${line}`);
  };
}
