import { commandNumbers } from '../ros/commands.ts';
import type { ActionProfile } from '../profile/schema.ts';

/** Commands that are remembered: an echo may come this many commands late. */
const MOST = 64;

interface Sent {
  readonly numbers: readonly number[];
  readonly at: number;
  echoed: boolean;
}

/** What came on the command topic: a command of ours, or of somebody else. */
export type Heard = { readonly seconds: number } | 'foreign';

/**
 * A bridge says nothing when it refuses a publish. So the command topic is subscribed to: what was really published
 * comes back. What comes back and was not ours means that somebody else drives the robot.
 */
export class CommandEcho {
  readonly #action: ActionProfile;
  readonly #sent: Sent[] = [];
  /** Commands that came back, and seconds that they took. */
  readonly seconds: number[] = [];

  constructor(action: ActionProfile) {
    this.#action = action;
  }

  sent(message: unknown, now: number): void {
    const numbers = commandNumbers(this.#action, message);
    if (numbers) this.#sent.push({ numbers, at: now, echoed: false });
    if (this.#sent.length > MOST) this.#sent.shift();
  }

  /** The oldest command with these numbers that has not come back is the one that has. */
  heard(message: unknown, now: number): Heard {
    const numbers = commandNumbers(this.#action, message);
    if (!numbers) return 'foreign';
    const same = this.#sent.filter((sent) => equal(sent.numbers, numbers));
    const found = same.find((sent) => !sent.echoed) ?? same.at(-1);
    if (!found) return 'foreign';
    // Topics keep order: what was sent before this one and has not come back will not.
    for (const sent of this.#sent) if (sent.at <= found.at) sent.echoed = true;
    const seconds = now - found.at;
    this.seconds.push(seconds);
    return { seconds };
  }

  /** Seconds that the oldest command without an echo has waited; 0 when none does. */
  waiting(now: number): number {
    const oldest = this.#sent.find((sent) => !sent.echoed);
    return oldest ? now - oldest.at : 0;
  }
}

/** ROS types carry 64 bits; a driver that keeps 32 is met half way. */
const equal = (a: readonly number[], b: readonly number[]): boolean =>
  a.every((value, i) => Math.abs(value - (b[i] ?? NaN)) <= 1e-6 * Math.max(1, Math.abs(value)));
