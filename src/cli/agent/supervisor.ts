import { Subject, type Observable } from 'rxjs';
import type { ControlEvent } from '../../control/control-stream.ts';
import type { Command } from '../../control/core.ts';
import type { CoreState } from '../../control/state.ts';
import type { GuardState } from '../../safety/guard-state.ts';

/** A change of the envelope, with the times that it follows from; all seconds of the robot's monotonic clock. */
export interface GuardChange {
  readonly time: number;
  readonly mode: GuardState['mode'];
  readonly reason: GuardState['reason'];
  readonly cause: GuardState['cause'];
  readonly epoch: number;
  readonly step: number;
  readonly beatAt: number | null;
  readonly rowAt: number | null;
}

/**
 * The person at the robot end: arms and starts once, as soon as the envelope lets it, and never again by itself. With an
 * operator it leaves even that to the commands that the operator gives.
 */
export class Supervisor {
  readonly command$: Observable<Command>;
  readonly change$: Observable<GuardChange>;
  /** What an `arm` lacked that was refused. */
  readonly refused$: Observable<readonly string[]>;
  readonly #refusals$ = new Subject<readonly string[]>();
  readonly #commands$ = new Subject<Command>();
  readonly #changes$ = new Subject<GuardChange>();
  readonly #byItself: boolean;
  #started = false;
  #last: GuardState | null = null;
  #step = 0;

  /** @param byItself - arms and starts without being told */
  constructor(byItself: boolean) {
    this.#byItself = byItself;
    this.command$ = this.#commands$.asObservable();
    this.change$ = this.#changes$.asObservable();
    this.refused$ = this.#refusals$.asObservable();
  }

  /** What the last refused `arm` lacked. */
  get lacking(): readonly string[] {
    return this.#last?.lacking ?? [];
  }

  get guard(): GuardState | null {
    return this.#last;
  }

  order(command: Command): void {
    this.#commands$.next(command);
  }

  take(event: ControlEvent): void {
    if (event.kind === 'tick') this.#step = event.tick.step + 1;
    if (event.kind === 'state') this.#state(event.state);
    // At a tick, not at a state: a command makes states.
    if (event.kind === 'tick' && this.#byItself && !this.#started && this.#last?.mode === 'idle')
      this.order({ kind: 'arm' });
  }

  #state({ guard, time }: CoreState): void {
    const before = this.#last;
    this.#last = guard;
    const { mode, reason, cause, epoch, beatAt, rowAt, lacking } = guard;
    if (lacking !== before?.lacking && lacking.length > 0) this.#refusals$.next(lacking);
    if (before?.mode === mode && before.reason === reason && before.epoch === epoch) return;
    this.#changes$.next({ time, mode, reason, cause, epoch, step: this.#step, beatAt, rowAt });
    if (mode !== 'armed' || !this.#byItself || this.#started) return;
    this.#started = true;
    this.order({ kind: 'start' });
  }
}
