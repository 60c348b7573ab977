import { StampClock } from '../ros/stamp-clock.ts';
import { stampOf } from '../ros/types.ts';

/** How a topic has been doing. */
export interface TopicReport {
  readonly topic: string;
  readonly type: string;
  readonly messages: number;
  /** Messages per second, first to last; null below two. */
  readonly hz: number | null;
  /** Seconds since the newest usable message was made; null before one. */
  readonly age: number | null;
  readonly maxAge: number;
  /** Messages that were used. */
  readonly used: number;
  /** Messages that could not be used, and why the last one could not. */
  readonly refused: number;
  readonly fault: string | null;
}

/** Watches one topic: how often it comes, how old it is, what of it is of no use. */
export class TopicWatch {
  readonly topic: string;
  readonly #type: string;
  readonly #maxAge: number;
  readonly #stamps = new StampClock();
  #messages = 0;
  #first = 0;
  #last = 0;
  #made: number | null = null;
  #used = 0;
  #refused = 0;
  #fault: string | null = null;

  /** @param maxAge - seconds after which what it said counts no more */
  constructor(topic: string, type: string, maxAge: number) {
    this.topic = topic;
    this.#type = type;
    this.#maxAge = maxAge;
  }

  /** When the message was made, in seconds by our clock; null for one that is of no use. */
  arrived(message: unknown, arrival: number): number | null {
    if (this.#messages++ === 0) this.#first = arrival;
    this.#last = arrival;
    const stamp = this.#stamps.read(stampOf(message), arrival);
    if ('time' in stamp) return stamp.time;
    this.refuse(`the stamp ${stamp.refused}`);
    return null;
  }

  /** A message of that time was usable. */
  accept(made: number): void {
    this.#used += 1;
    this.#made = Math.max(made, this.#made ?? -Infinity);
  }

  refuse(fault: string): void {
    this.#refused += 1;
    this.#fault = fault;
  }

  fresh(now: number): boolean {
    return this.#made !== null && now - this.#made <= this.#maxAge;
  }

  report(now: number): TopicReport {
    const span = this.#last - this.#first;
    return {
      topic: this.topic,
      type: this.#type,
      messages: this.#messages,
      hz: this.#messages < 2 || span <= 0 ? null : (this.#messages - 1) / span,
      age: this.#made === null ? null : now - this.#made,
      maxAge: this.#maxAge,
      used: this.#used,
      refused: this.#refused,
      fault: this.#fault,
    };
  }
}
