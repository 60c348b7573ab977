import { NEVER, ReplaySubject } from 'rxjs';
import type { Tick } from '../../src/control/tick.ts';
import type { Observation } from '../../src/env/observation.ts';
import type { Robot } from '../../src/robot/robot.ts';

/** The observation of one step, with the step as its state. */
export const observationAt = (step: number): Observation => ({
  step,
  time: step * 0.1,
  images: {},
  state: Float32Array.of(step),
});

/** A robot without a body: answers each action with the next observation at once, and remembers what it was told. */
export class WatchedRobot implements Robot {
  readonly name = 'watched';
  readonly actionSpec = {
    dim: 1,
    minimum: [-1],
    maximum: [1],
    names: ['x'],
    mode: 'velocity' as const,
  };
  readonly controlPeriod = 0.01;
  readonly observation$ = new ReplaySubject<Observation>(1);
  readonly status$ = NEVER;
  /** 'step:source[:reason]' for each tick, and 'stop: reason'. */
  readonly log: string[] = [];
  readonly ticks: Tick[] = [];
  #sent = 0;

  constructor() {
    this.observation$.next(observationAt(0));
  }

  send(tick: Tick): void {
    this.ticks.push(tick);
    this.log.push([tick.step, tick.source, tick.reason].filter((part) => part !== undefined).join(':'));
    this.#sent += 1;
    this.observation$.next(observationAt(this.#sent));
  }

  stop(reason: string): void {
    this.log.push(`stop: ${reason}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    /* nothing to free */
  }
}
