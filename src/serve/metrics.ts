import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Observable } from 'rxjs';
import type { StampedEvent } from './events.ts';

/** Prometheus text of what happened so far. */
export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
}

const MILLISECONDS = [0.5, 1, 2, 3, 5, 8, 13, 20, 35, 50, 80, 130, 200, 350, 500, 1000, 2000, 5000];
const buckets = MILLISECONDS.map((ms) => ms / 1000);

/** The instruments, by the names that dashboards know them by. */
function instruments(registry: Registry) {
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name: `jepilot_${name}`, help, labelNames, registers: [registry] });
  const gauge = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Gauge({ name: `jepilot_${name}`, help, labelNames, registers: [registry] });
  const seconds = (name: string, help: string) =>
    new Histogram({
      name: `jepilot_${name}_seconds`,
      help,
      labelNames: ['task'],
      buckets,
      registers: [registry],
    });
  return {
    connections: gauge('connections', 'Open WebSockets.', ['protocol']),
    sessions: gauge('sessions', 'Open planning sessions.', ['task']),
    engines: gauge('engine_ready', '1 for an engine that is ready, else 0.', ['engine', 'task']),
    lost: counter('engine_losses_total', 'Engines that ended unasked.', ['engine', 'task']),
    plans: counter('plans_total', 'Plans made.', ['task']),
    failures: counter('plan_failures_total', 'Plans that could not be made.', ['task', 'code']),
    refusals: counter('refused_upgrades_total', 'Upgrades turned away.', ['status']),
    drops: counter('dropped_messages_total', 'Messages refused or replaced.', ['protocol', 'what']),
    plan: seconds('plan', 'In the engine, encoding included.'),
    queue: seconds('queue', 'Waiting for an engine that planned for others.'),
    overhead: seconds('overhead', 'From observation in to chunk out, less queue and plan.'),
  };
}

/** Counts what happens on a server. */
export function serveMetrics(event$: Observable<StampedEvent>): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const meters = instruments(registry);
  const tasks = new Map<string, string>();
  event$.subscribe((event) => count(meters, tasks, event));
  return { contentType: registry.contentType, text: () => registry.metrics() };
}

function count(m: ReturnType<typeof instruments>, tasks: Map<string, string>, event: StampedEvent): void {
  const taskOf = (session: string): string => tasks.get(session) ?? 'unknown';
  switch (event.kind) {
    case 'connected': {
      m.connections.inc({ protocol: event.protocol });
      return;
    }
    case 'disconnected': {
      m.connections.dec({ protocol: event.protocol });
      return;
    }
    case 'refused': {
      m.refusals.inc({ status: event.status });
      return;
    }
    case 'opened':
      tasks.set(event.session.id, event.session.task);
      {
        m.sessions.inc({ task: event.session.task });
        return;
      }
    case 'closed':
      m.sessions.dec({ task: taskOf(event.session) });
      return void tasks.delete(event.session);
    case 'planned':
      m.plans.inc({ task: taskOf(event.session) });
      m.plan.observe({ task: taskOf(event.session) }, event.plan.evidence.totalMs / 1000);
      {
        m.queue.observe({ task: taskOf(event.session) }, event.queueMs / 1000);
        return;
      }
    case 'delivered': {
      m.overhead.observe({ task: taskOf(event.session) }, event.timing.overheadMs / 1000);
      return;
    }
    case 'failed': {
      m.failures.inc({ task: taskOf(event.session), code: event.error.code ?? 'unknown' });
      return;
    }
    case 'dropped': {
      m.drops.inc({ protocol: event.protocol, what: event.what });
      return;
    }
    case 'engine': {
      const { engine, task, state } = event;
      m.engines.set({ engine, task }, state === 'ready' ? 1 : 0);
      if (state === 'lost') m.lost.inc({ engine, task });
      return;
    }
    default:
  }
}
