import { PlannerEnd } from '../../src/serve/robot/planner-end.ts';
import { JepilotError } from '../../src/errors.ts';
import { NdArray } from '../../src/wire/ndarray.ts';
import { actionOf, frameOf } from '../../src/wire/robot-conversions.ts';
import { decodeFrame, encodeFrame } from '../../src/wire/robot-frame.ts';
import type { MessageOf, RobotMessage, Unsent } from '../../src/wire/robot-messages.ts';
import { RobotPeer } from '../../src/wire/robot-peer.ts';
import { LineEnvironment } from './line-environment.ts';
import { LineSession, type LineSessionOptions } from './line-sessions.ts';
import { pairedChannels, untouched } from './paired-channels.ts';
import { VirtualTime } from './virtual-time.ts';

export const environment = new LineEnvironment();
const first = environment.reset({ seed: 1, track: 'pair', variation: {} }).observation;
/** No rows. */
export const none = new NdArray('<f4', [0, 1], new Float32Array(0));

/** A robot that says what a test tells it to, and hears what the planning end answers. */
export class Visitor {
  readonly time = new VirtualTime();
  readonly channels = pairedChannels(this.time, untouched);
  readonly heard: RobotMessage[] = [];
  readonly dropped: string[] = [];
  session: LineSession | null = null;
  end: { readonly code: number; readonly reason: string } | null = null;
  #seq = 0;
  full = false;

  constructor(options: Pick<LineSessionOptions, 'delay'> = {}) {
    const { time } = this;
    this.channels.robot.frame$.subscribe((frame) => this.heard.push(decodeFrame(frame)));
    void this.channels.robot.ended.then((end) => (this.end = end));
    new PlannerEnd({
      peer: new RobotPeer(this.channels.planner, time),
      pulse: time,
      heartbeat: 0.1,
      observationAge: 0.25,
      bufferedBytes: 1000,
      open: async (request) => {
        if (this.full) throw new JepilotError('refused', 'four sessions are open; no more are allowed');
        return (this.session = new LineSession(
          { time, environment, ...options },
          { ...request, protocol: 'robot', peer: 'c' },
        ));
      },
      onDelivered: () => undefined,
      onDropped: (what, reason) => this.dropped.push(`${what}: ${reason}`),
    });
  }

  say(message: Unsent): number {
    this.channels.robot.send(encodeFrame({ ...message, seq: this.#seq }));
    return this.#seq++;
  }

  hello(change: Partial<MessageOf<'hello'>> = {}): void {
    const action = actionOf(environment.actionSpec);
    const head = { t: 'hello', version: 1, robot: 'visitor', task: 'line', action } as const;
    this.say({
      ...head,
      controlPeriod: 0.05,
      heartbeat: 0.1,
      clock: this.time.now(),
      settings: {},
      ...change,
    });
  }

  async welcomed(): Promise<this> {
    this.hello();
    const goal = { kind: 'observation', frame: frameOf(environment.render(environment.goal())) } as const;
    this.say({ t: 'command', id: 0, command: { kind: 'episode', seed: 1, goal } });
    await this.pass(0.05);
    return this;
  }

  observe(step: number, change: Partial<MessageOf<'observation'>> = {}): number {
    const frames = [frameOf({ ...first, step })];
    const budget = { iterations: null, seconds: null };
    const time = this.time.now();
    return this.say({
      t: 'observation',
      epoch: 0,
      time,
      frames,
      executed: none,
      committed: none,
      budget,
      ...change,
    });
  }

  /** Lets time pass, beating. */
  async pass(seconds: number, beats = true): Promise<void> {
    for (let left = seconds; left > 1e-9; left -= 0.05) {
      if (beats) this.say({ t: 'beat', time: this.time.now(), echo: null, seen: null, done: null });
      await this.time.pass(Math.min(0.05, left));
    }
  }

  of<T extends RobotMessage['t']>(t: T): MessageOf<T>[] {
    return this.heard.filter((message): message is MessageOf<T> => message.t === t);
  }

  get errors(): string[] {
    return this.of('error').map(({ code, fatal }) => (fatal ? `${code}!` : code));
  }
}
