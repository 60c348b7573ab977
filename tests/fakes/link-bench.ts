import { controlLoop, type ControlLoop } from '../../src/control/control-loop.ts';
import type { Command } from '../../src/control/core.ts';
import type { CoreState } from '../../src/control/state.ts';
import type { Tick } from '../../src/control/tick.ts';
import { RemotePlanner } from '../../src/robot/remote/remote-planner.ts';
import { SimulatedRobot } from '../../src/robot/simulated-robot.ts';
import { defaultLimits } from '../../src/safety/limits.ts';
import { PlannerEnd } from '../../src/serve/robot/planner-end.ts';
import { actionOf } from '../../src/wire/robot-conversions.ts';
import { RobotPeer } from '../../src/wire/robot-peer.ts';
import { Supervisor } from '../../src/cli/agent/supervisor.ts';
import { LineEnvironment } from './line-environment.ts';
import { LineSession, type LineSessionOptions } from './line-sessions.ts';
import { pairedChannels, untouched, type Fate } from './paired-channels.ts';
import { VirtualTime } from './virtual-time.ts';

export const PERIOD = 0.05;

export interface BenchOptions extends Pick<LineSessionOptions, 'delay' | 'rows'> {
  readonly fate?: Fate;
  readonly reconnect?: number;
  readonly byItself?: boolean;
  readonly planTimeout?: number;
}

/** A robot end and a planning end with a faulty link between them, whole but for the sockets, in virtual time. */
export class LinkBench {
  readonly time = new VirtualTime();
  /** In speed at most 1, in acceleration 8 (the envelope halves both). */
  readonly environment = new LineEnvironment(100_000, 'velocity', { velocity: [2], acceleration: [16] });
  readonly sessions: LineSession[] = [];
  readonly dropped: string[] = [];
  readonly shown: { readonly tick: Tick; readonly state: CoreState }[] = [];
  readonly supervisor: Supervisor;
  readonly options: BenchOptions;
  planner!: RemotePlanner;
  loop!: ControlLoop;
  fate: Fate;
  reachable = true;
  #channels: ReturnType<typeof pairedChannels> | null = null;
  #state: CoreState | null = null;

  constructor(options: BenchOptions = {}) {
    this.options = options;
    this.fate = options.fate ?? untouched;
    this.supervisor = new Supervisor(options.byItself ?? true);
  }

  /** Connects and begins to tick. */
  async start(): Promise<this> {
    const { time, environment, options } = this;
    const opening = RemotePlanner.open({
      connect: async () => this.#connect(),
      robot: {
        robot: 'bench',
        task: 'line',
        action: actionOf(environment.actionSpec),
        controlPeriod: PERIOD,
        heartbeat: defaultLimits.heartbeat,
        settings: {},
      },
      pulse: time,
      timeout: 5,
      planTimeout: options.planTimeout ?? 5,
      reconnect: options.reconnect,
    });
    await time.pass(0.1);
    this.planner = await opening;
    const robot = new SimulatedRobot(
      environment,
      { seed: 1, track: 'pair', variation: {} },
      { period: PERIOD, brakes: true },
    );
    this.loop = controlLoop({
      robot,
      policy: this.planner,
      goal: { kind: 'observation', value: environment.render(environment.goal()) },
      seed: 1,
      iterations: 1,
      config: { latency: 2, replanInterval: 4 },
      clock: time,
      safety: { limits: defaultLimits, supervised: true },
      link$: this.planner.signal$,
      commands$: this.supervisor.command$,
    });
    this.supervisor.change$.subscribe(({ mode, reason, step, epoch }) =>
      this.planner.state({ mode, reason, step, epoch }),
    );
    let waiting: Tick | null = null;
    this.loop.event$.subscribe((event) => {
      this.supervisor.take(event);
      if (event.kind === 'tick') waiting = event.tick;
      if (event.kind !== 'state') return;
      this.#state = event.state;
      if (waiting) this.shown.push({ tick: waiting, state: event.state });
      waiting = null;
    });
    return this;
  }

  get state(): CoreState {
    if (!this.#state) throw new Error('nothing has happened yet');
    return this.#state;
  }

  get mode(): string {
    const { mode, reason } = this.state.guard;
    return reason && reason !== mode ? `${mode}: ${reason}` : mode;
  }

  get session(): LineSession {
    return this.sessions.at(-1)!;
  }

  order(kind: Exclude<Command['kind'], 'stop'>): void {
    this.supervisor.order({ kind });
  }

  /** Until it runs: arming takes a second. */
  async run(): Promise<this> {
    await this.start();
    await this.time.pass(2);
    return this;
  }

  cut(): void {
    this.#channels?.cut();
  }

  /** Ends all that runs, so that nothing is left behind. */
  async end(): Promise<void> {
    this.loop.stop('over');
    const disposed = this.planner[Symbol.asyncDispose]();
    await this.time.pass(0.5);
    await disposed;
  }

  #connect() {
    if (!this.reachable) throw new Error('nobody listens');
    const channels = pairedChannels(this.time, (frame, direction) => this.fate(frame, direction));
    this.#channels = channels;
    new PlannerEnd({
      peer: new RobotPeer(channels.planner, this.time),
      pulse: this.time,
      heartbeat: defaultLimits.heartbeat,
      observationAge: defaultLimits.observationAge,
      bufferedBytes: 65_536,
      open: async (request) => {
        const session = new LineSession(
          { ...this.options, time: this.time, environment: this.environment },
          { ...request, protocol: 'robot', peer: 'c1' },
        );
        this.sessions.push(session);
        return session;
      },
      onDelivered: () => undefined,
      onDropped: (what, reason) => this.dropped.push(`${what}: ${reason}`),
    });
    return channels.robot;
  }
}
