import { Subject } from 'rxjs';
import { JepilotError } from '../../errors.ts';
import type { Order, ServeEvent, StampedEvent } from '../../serve/events.ts';
import { sessionList } from '../../serve/session-list.ts';
import type { PlanningSession, SessionRequest } from '../../serve/sessions.ts';
import type { TaskService } from '../../serve/task-service.ts';
import type { PlanningRequest } from '../planning.ts';
import { taskServices } from '../serve/services.ts';

const limits = {
  sessions: 1,
  connections: 1,
  upgradesPerSecond: 1,
  bufferedBytes: 1 << 16,
  iterationsFactor: 8,
};

/** The planning of a drive: its engines start when a robot has said which task it is, and outlive its links. */
export class NativeSession implements AsyncDisposable {
  readonly bufferedBytes = limits.bufferedBytes;
  readonly event$ = new Subject<StampedEvent>();
  /** Steps with a plan that the robot has executed, as it tells. */
  acted = 0;
  readonly #request: PlanningRequest;
  readonly #began = performance.now();
  #task: string | undefined;
  #services: readonly TaskService[] = [];
  #session: PlanningSession | null = null;

  constructor(request: PlanningRequest) {
    this.#request = request;
  }

  /** Seconds since the drive began. */
  readonly now = (): number => (performance.now() - this.#began) / 1000;

  readonly emit = (event: ServeEvent): void => {
    if (event.kind === 'tick' && event.tick.source !== 'hold') this.acted += 1;
    this.event$.next({ ...event, time: this.now() });
  };

  get session(): PlanningSession | null {
    return this.#session;
  }

  async open(
    url: string,
    request: Pick<SessionRequest, 'robot' | 'task' | 'settings'>,
  ): Promise<PlanningSession> {
    const { task } = request;
    if (task === undefined)
      throw new JepilotError('refused', `the robot at ${url} does not say which task it is`);
    if (this.#task !== undefined && this.#task !== task)
      throw new JepilotError('refused', `the robot at ${url} was '${this.#task}' and is '${task}' now`);
    if (this.#task === undefined) await this.#start(task);
    this.#task = task;
    const { emit } = this;
    const findFrame = () =>
      Promise.reject(new JepilotError('invalid-value', 'a drive has no recordings to take a goal from'));
    const sessions = sessionList({ services: this.#services, limits, emit, findFrame });
    return (this.#session = await sessions.open({ ...request, protocol: 'robot', peer: url }));
  }

  order(order: Order): void {
    this.#session?.order(order, 'drive');
  }

  async #start(task: string): Promise<void> {
    const { emit, now } = this;
    this.#services = await taskServices({ tasks: [task], request: this.#request, engines: 1, emit, now });
    await Promise.all(this.#services.flatMap(({ slots }) => slots.map((slot) => slot.start())));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session?.close('the drive ended');
    await Promise.all(
      this.#services.flatMap(({ slots }) => slots.map((slot) => slot[Symbol.asyncDispose]())),
    );
  }
}
