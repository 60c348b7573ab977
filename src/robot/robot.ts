import type { Observable } from 'rxjs';
import type { Tick } from '../control/tick.ts';
import type { Observation } from '../env/observation.ts';
import type { ActionSpec } from '../spec.ts';

/** How a robot is doing. */
export interface RobotStatus {
  /** Control steps executed. */
  readonly step: number;
  /** `stale`: nothing heard for longer than the robot allows. A simulated robot's link is always up. */
  readonly link: 'up' | 'stale' | 'down';
  /** Takes actions. */
  readonly armed: boolean;
  readonly emergencyStop: boolean;
}

/** Something that takes one raw action per control step and shows what came of it: simulated, or behind a link. */
export interface Robot extends AsyncDisposable {
  readonly name: string;
  readonly actionSpec: ActionSpec;
  /** Seconds per control step. */
  readonly controlPeriod: number;
  /**
   * What the robot sees; `step` counts the actions that it was sent. The latest one is given on subscription.
   * Completes when the robot ends, errors when it is lost.
   */
  readonly observation$: Observable<Observation>;
  /** The latest status is given on subscription. */
  readonly status$: Observable<RobotStatus>;
  /** Sends one action; returns at once. Does nothing after the robot has ended; throws on an action that it can't take. */
  send(tick: Tick): void;
  /** Ends: the robot holds by its own means and takes no more actions. Safe to call twice. */
  stop(reason: string): void;
}
