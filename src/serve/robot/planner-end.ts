import { take } from 'rxjs';
import { JepilotError, reasonOf } from '../../errors.ts';
import { PROTOCOL_VERSION, type MessageOf, type RobotMessage } from '../../wire/robot-messages.ts';
import { tickOf } from '../../wire/robot-conversions.ts';
import type { RobotPeer } from '../../wire/robot-peer.ts';
import type { RobotReport } from '../events.ts';
import type { PlanningSession } from '../sessions.ts';
import { ChunkDesk } from './chunk-desk.ts';
import { disagreement, goalOf, welcomeOf } from './introduction.ts';
import { NewestFirst } from './newest-first.ts';
import { OrderDesk } from './order-desk.ts';
import { chunkOf, requestOf } from './plan-messages.ts';
import type { PlannerEndOptions } from './planner-end-options.ts';

type Arrived = { readonly message: MessageOf<'observation'>; readonly at: number };

/** Seconds that a peer may take to introduce itself, and that a silent one is kept. */
const PATIENCE = 5;
/** Heartbeats without a sign of life, or without an acknowledgement, after which a robot is stale. */
const STALE_BEATS = 4;

/**
 * The planning end of one robot's connection: one plan at a time from the newest observation, at most one chunk waiting
 * to be written, staleness by beats and acknowledgements. A reset needs nothing here: its chunks carry the old epoch.
 */
export class PlannerEnd {
  readonly #options: PlannerEndOptions;
  readonly #peer: RobotPeer;
  readonly #jobs: NewestFirst<Arrived>;
  readonly #chunks: ChunkDesk;
  #session: PlanningSession | null = null;
  #hailed = false;
  #orders: OrderDesk | null = null;
  #report: RobotReport = { state: 'idle', step: 0, link: 'up' };
  #heardAt: number;
  #epoch = 0;
  #seen: number | null = null;
  #done: number | null = null;
  #plannedStep: number | null = null;
  #lastCommand = -1;
  #over = false;

  constructor(options: PlannerEndOptions) {
    this.#options = options;
    this.#peer = options.peer;
    const { pulse, peer, heartbeat, bufferedBytes, onDropped } = options;
    this.#chunks = new ChunkDesk(peer, pulse, bufferedBytes, () =>
      onDropped('chunk', 'a newer one took its place'),
    );
    this.#heardAt = pulse.now();
    this.#jobs = new NewestFirst(
      (job) => this.#plan(job),
      ({ message }) => this.#finish(message.seq, 'a newer observation took its place'),
    );
    const hello = pulse
      .every(PATIENCE)
      .pipe(take(1))
      .subscribe(() => {
        if (!this.#hailed) this.#giveUp('hello-timeout', `no hello in ${PATIENCE} s`);
      });
    const watch = pulse.every(heartbeat / 2).subscribe(() => this.#watch());
    peer.corrupt$.subscribe((reason) => this.#refuse(reason));
    peer.message$.subscribe({
      next: (message) => this.#take(message),
      complete: () => {
        hello.unsubscribe();
        watch.unsubscribe();
        this.#end();
      },
    });
  }

  #take(message: RobotMessage): void {
    if (this.#over) return;
    this.#heardAt = this.#options.pulse.now();
    const session = this.#session;
    if (message.t === 'hello') void this.#hello(message);
    else if (!session)
      this.#tell('no-hello', `'${message.t}' came before the hello was answered`, message.seq);
    else if (message.t === 'observation') this.#observation(message);
    else if (message.t === 'command') void this.#command(session, message);
    else if (message.t === 'ack') this.#ack(message);
    else if (message.t === 'state') this.#state(session, message);
    else if (message.t === 'ticks') this.#ticks(session, message);
    else if (message.t === 'welcome' || message.t === 'chunk')
      this.#tell('wrong-end', `'${message.t}' is sent by a planning end, not by a robot`, message.seq);
  }

  async #hello(hello: MessageOf<'hello'>): Promise<void> {
    if (this.#hailed) {
      this.#tell('second-hello', 'this connection has had its hello', hello.seq);
      return;
    }
    this.#hailed = true;
    if (hello.version !== PROTOCOL_VERSION) {
      this.#giveUp('wrong-version', `version ${hello.version}; this end speaks ${PROTOCOL_VERSION}`);
      return;
    }
    const { robot, task, settings } = hello;
    try {
      const session = await this.#options.open({ robot, settings, ...(task === null ? {} : { task }) });
      const flaw = this.#over ? 'the robot disconnected' : disagreement(session.info, hello);
      if (flaw === null) {
        this.#begin(session);
        return;
      }
      await session.close(flaw);
      this.#giveUp('shape-mismatch', flaw);
    } catch (error) {
      this.#giveUp(codeOf(error), reasonOf(error));
    }
  }

  #begin(session: PlanningSession): void {
    const { heartbeat, observationAge, pulse } = this.#options;
    this.#session = session;
    this.#peer.send({ t: 'welcome', ...welcomeOf(session.info, heartbeat, observationAge) });
    this.#peer.beat(heartbeat, () => ({ seen: this.#seen, done: this.#done }));
    this.#orders = new OrderDesk(session.order$, this.#peer, pulse, heartbeat);
    this.#tellReport({});
  }

  #observation(message: MessageOf<'observation'>): void {
    this.#seen = message.seq;
    if (message.epoch < this.#epoch) {
      this.#finish(message.seq, 'an observation of an old epoch');
      return;
    }
    this.#epoch = message.epoch;
    this.#jobs.offer({ message, at: this.#options.pulse.now() });
  }

  /** Plans from an observation, unless it is too old by now; the robot hears of it either way. */
  async #plan({ message, at }: Arrived): Promise<void> {
    const session = this.#session;
    if (!session) return;
    const { observationAge, pulse } = this.#options;
    const age = this.#peer.ageOf(message.time);
    if (age > observationAge) {
      this.#decline(message.seq, 'stale-observation', `it is ${age.toFixed(2)} s old`);
      return;
    }
    try {
      const served = await session.plan(requestOf(message, this.#plannedStep, session.info.iterations));
      this.#plannedStep = message.frames.at(-1)?.step ?? null;
      if (message.epoch !== this.#epoch) {
        this.#finish(message.seq, 'a plan of an old epoch');
        return;
      }
      const { plan, queueMs } = served;
      const planMs = plan.evidence.totalMs;
      this.#chunks.deliver(chunkOf(message, served), () => {
        this.#done = message.seq;
        const overheadMs = 1000 * (pulse.now() - at) - queueMs - planMs;
        this.#options.onDelivered(session.info.id, plan.id, { queueMs, planMs, overheadMs });
      });
    } catch (error) {
      this.#decline(message.seq, codeOf(error), reasonOf(error));
    }
  }

  async #command(session: PlanningSession, { seq, id, command }: MessageOf<'command'>): Promise<void> {
    const repeated = id <= this.#lastCommand;
    this.#lastCommand = Math.max(id, this.#lastCommand);
    try {
      if (command.kind === 'order') {
        this.#tell('wrong-end', 'orders go to a robot, not from it', seq);
        return;
      }
      if (!repeated && command.kind === 'episode') {
        this.#plannedStep = null;
        await session.reset({ seed: command.seed, goal: goalOf(command.goal) });
      }
      if (!repeated && command.kind === 'goal') await session.setGoal(goalOf(command.goal), command.when);
      this.#peer.send({ t: 'ack', re: seq, result: 'done', step: null });
    } catch (error) {
      this.#tell(codeOf(error), reasonOf(error), seq);
    }
  }

  #ack({ re, result, step }: MessageOf<'ack'>): void {
    this.#orders?.acknowledged(re);
    this.#chunks.acknowledged(re);
    if (result !== 'accepted' && result !== 'done')
      this.#options.onDropped('chunk', `the robot says: ${result}`);
    if (step !== null) this.#report = { ...this.#report, step };
  }

  #state(session: PlanningSession, { mode, reason, step, epoch }: MessageOf<'state'>): void {
    this.#epoch = Math.max(this.#epoch, epoch);
    const { link } = this.#report;
    this.#report = { state: mode, step, link, ...(reason === null ? {} : { reason }) };
    session.report(this.#report);
  }

  /** What the robot executed, for recordings and viewers. */
  #ticks(session: PlanningSession, { seq, ticks }: MessageOf<'ticks'>): void {
    const { dim } = session.info.actionSpec;
    const odd = ticks.find(
      ({ sent, planned }) => sent.shape[0] !== dim || (planned && planned.shape[0] !== dim),
    );
    if (odd) this.#tell('shape-mismatch', `the tick of step ${odd.step} is not of dimension ${dim}`, seq);
    else for (const each of ticks) session.tick(tickOf(each));
  }

  /** A robot that neither beats nor acknowledges is stale; what waits to be written is tried again. */
  #watch(): void {
    const { heartbeat, pulse } = this.#options;
    const limit = (STALE_BEATS - 0.25) * heartbeat;
    const silent = pulse.now() - this.#heardAt;
    const link = silent > limit || this.#chunks.deaf > limit ? 'stale' : 'up';
    if (this.#session && link !== this.#report.link) this.#tellReport({ link });
    if (link === 'stale') this.#jobs.clear();
    if (silent > PATIENCE) this.#giveUp('silent', `nothing came for ${PATIENCE} s`);
    this.#chunks.flush();
  }

  #end(): void {
    this.#over = true;
    const session = this.#session;
    this.#session = null;
    this.#orders?.[Symbol.dispose]();
    this.#jobs.clear();
    if (!session) return;
    session.report({ ...this.#report, link: 'down' });
    void session.close('the robot disconnected');
  }

  #tellReport(change: Partial<RobotReport>): void {
    this.#session?.report((this.#report = { ...this.#report, ...change }));
  }

  /** Done with, without a chunk and without a word: the robot has sent a newer one. */
  #finish(seq: number, reason: string): void {
    this.#done = Math.max(seq, this.#done ?? 0);
    this.#options.onDropped('observation', reason);
  }

  #decline(seq: number, code: string, reason: string): void {
    this.#tell(code, reason, seq);
    this.#finish(seq, reason);
  }

  #refuse(reason: string): void {
    this.#options.onDropped('frame', reason);
    if (this.#hailed) this.#tell('bad-message', reason, null);
    else this.#giveUp('bad-message', reason);
  }

  #tell(code: string, message: string, re: number | null, fatal = false): void {
    this.#peer.send({ t: 'error', code, message: message.slice(0, 500), fatal, re });
  }

  #giveUp(code: string, message: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#tell(code, message, null, true);
    this.#peer.channel.close(code === 'silent' ? 1001 : 1008, `${code}: ${message}`);
  }
}

const codeOf = (error: unknown) => (error instanceof JepilotError ? error.code : 'failed');
