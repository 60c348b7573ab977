/** Seconds per second that two clocks may drift apart: ten times what quartz does. */
const DRIFT = 0.001;

/** A stamp further off than this (seconds) is a clock that was set, not a message that was late. */
const JUMP = 5;

/** What a stamp says: when the message was made, by our clock, or why it can't be used. */
export type Stamped = { readonly time: number } | { readonly refused: 'repeated' | 'backwards' | 'jumped' };

/**
 * Reads the stamps of a clock that nobody synchronised with ours. What passed on its way fastest is taken to have passed
 * in no time; every other message is as much older as it is later than that. A robot's clock may be set at any time:
 * the message that shows it is refused, and reading begins anew.
 */
export class StampClock {
  /** Seconds from the robot's clock to ours; null before the first stamp. */
  #offset: number | null = null;
  #at = 0;
  #last = -Infinity;

  /** @param arrival - seconds, by our clock; without a stamp, that is all that is known */
  read(stamp: number | null, arrival: number): Stamped {
    if (stamp === null) return { time: arrival };
    if (stamp === this.#last) return { refused: 'repeated' };
    const backwards = stamp < this.#last;
    const drifted = this.#offset === null ? null : this.#offset + DRIFT * (arrival - this.#at);
    const jumped = drifted !== null && Math.abs(arrival - stamp - drifted) > JUMP;
    if (backwards && !jumped) return { refused: 'backwards' };
    this.#last = stamp;
    this.#at = arrival;
    this.#offset = drifted === null || jumped ? arrival - stamp : Math.min(drifted, arrival - stamp);
    return jumped ? { refused: 'jumped' } : { time: stamp + this.#offset };
  }
}
