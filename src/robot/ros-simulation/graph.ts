import { shortTypeName } from '../ros/types.ts';

type Listener = (message: unknown) => void;

interface Topic {
  readonly type: string;
  readonly listeners: Set<Listener>;
}

/** The nodes' side of ROS as far as a bridge needs it: topics with one type each, and who listens to them. */
export class RosGraph {
  readonly #topics = new Map<string, Topic>();

  /** Declares a topic. False where it exists with another type: ROS then keeps the two apart. */
  declare(name: string, type: string): boolean {
    const found = this.#topics.get(name);
    if (found) return found.type === shortTypeName(type);
    this.#topics.set(name, { type: shortTypeName(type), listeners: new Set() });
    return true;
  }

  typeOf(name: string): string | undefined {
    return this.#topics.get(name)?.type;
  }

  /** Calls `listener` with every message from now on; returns what ends that. */
  listen(name: string, listener: Listener): () => void {
    const listeners = this.#topics.get(name)?.listeners;
    listeners?.add(listener);
    return () => listeners?.delete(listener);
  }

  publish(name: string, message: unknown): void {
    for (const listener of [...(this.#topics.get(name)?.listeners ?? [])]) listener(message);
  }

  /** Names and short types of all topics. */
  topics(): { name: string; type: string }[] {
    return [...this.#topics].map(([name, { type }]) => ({ name, type }));
  }
}
