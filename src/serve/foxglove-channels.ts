import { kindOf, schemaOf, topicsOf } from '../record/feed/channels.ts';
import type { SessionInfo } from './sessions.ts';

/** A live channel, as it is advertised. */
export interface FoxgloveChannel {
  readonly id: number;
  readonly topic: string;
  readonly encoding: 'json';
  readonly schemaName: string;
  readonly schemaEncoding: 'jsonschema';
  readonly schema: string;
}

/** The channels of all sessions, numbered once for all viewers: `/s1/obs/state`, … */
export class FoxgloveChannels {
  readonly #sessions = new Map<string, FoxgloveChannel[]>();
  readonly #byTopic = new Map<string, number>();
  #last = 0;

  /** All that are live. */
  list(): FoxgloveChannel[] {
    return [...this.#sessions.values()].flat();
  }

  /** The number of a session's topic; undefined where it has none. */
  find(session: string, topic: string): number | undefined {
    return this.#byTopic.get(`/${session}${topic}`);
  }

  open({ id, cameras }: SessionInfo): FoxgloveChannel[] {
    const channels = topicsOf(cameras).flatMap((topic): FoxgloveChannel[] => {
      const kind = kindOf(topic);
      if (kind === undefined) return [];
      const channel = { id: ++this.#last, topic: `/${id}${topic}`, ...schemaOf(kind) };
      return [{ ...channel, encoding: 'json', schemaEncoding: 'jsonschema' }];
    });
    this.#sessions.set(id, channels);
    for (const channel of channels) this.#byTopic.set(channel.topic, channel.id);
    return channels;
  }

  /** Forgets a session; returns the numbers of its channels. */
  close(session: string): number[] {
    const channels = this.#sessions.get(session) ?? [];
    this.#sessions.delete(session);
    for (const { topic } of channels) this.#byTopic.delete(topic);
    return channels.map(({ id }) => id);
  }
}
