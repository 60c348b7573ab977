import { statSync } from 'node:fs';
import type { z } from 'zod';
import { readFacts, ResultFacts, RunFacts } from './about.ts';
import { bodyOf, kindOf } from './feed/channels.ts';
import type { LogMessage } from './mcap/mcap-log.ts';
import { scanMcap, type Condition } from './mcap/scan.ts';
import type { Facts } from './recorder.ts';

export interface ChannelSummary {
  readonly topic: string;
  readonly schema: string;
  readonly messages: number;
  /** Messages a second, between the channel's first and last; null below two. */
  readonly hz: number | null;
}

/** What a recording is, at a glance. */
export interface RecordingSummary {
  readonly file: string;
  readonly bytes: number;
  readonly condition: Condition;
  /** It says how its run ended. */
  readonly ended: boolean;
  readonly seconds: number;
  readonly messages: number;
  readonly channels: readonly ChannelSummary[];
  /** Ticks by what they ran on. */
  readonly ticks: { readonly plan: number; readonly tail: number; readonly hold: number };
  /** Held ticks by reason. */
  readonly holds: Readonly<Record<string, number>>;
  readonly clamped: number;
  /** Events by kind. */
  readonly events: Readonly<Record<string, number>>;
  /** Null for an MCAP file that others wrote. */
  readonly run: RunFacts | null;
  readonly result: ResultFacts | null;
  readonly repair: Readonly<Record<string, string>> | null;
}

interface Channel {
  readonly schema: string;
  messages: number;
  first: bigint;
  last: bigint;
}

const count = (into: Record<string, number>, key: string): void => {
  into[key] = (into[key] ?? 0) + 1;
};

/** Counts as the messages pass; nothing else is kept of them. */
class Tally {
  readonly channels = new Map<string, Channel>();
  readonly ticks = { plan: 0, tail: 0, hold: 0 };
  readonly holds: Record<string, number> = {};
  readonly events: Record<string, number> = {};
  clamped = 0;

  take(message: LogMessage): void {
    const { topic, schemaName, logTime } = message;
    const channel = this.channels.get(topic) ?? {
      schema: schemaName,
      messages: 0,
      first: logTime,
      last: logTime,
    };
    channel.messages += 1;
    channel.last = logTime;
    this.channels.set(topic, channel);
    if (topic === '/action/sent') this.#sent(message);
    if (kindOf(topic) === 'event') this.#event(message);
  }

  #sent(message: LogMessage): void {
    const { source, reason, clamped } = body(message, bodyOf('action')) ?? {};
    if (source) this.ticks[source] += 1;
    if (source === 'hold') count(this.holds, reason ?? 'unknown');
    if (clamped) this.clamped += 1;
  }

  #event(message: LogMessage): void {
    count(this.events, body(message, bodyOf('event'))?.kind ?? 'unreadable');
  }
}

/** A message that is not what its channel says is counted and otherwise let be: inspecting is for doubtful files too. */
function body<T>({ data }: LogMessage, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(data).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

const summaryOf = ([topic, { schema, messages, first, last }]: [string, Channel]): ChannelSummary => ({
  topic,
  schema,
  messages,
  hz: last > first ? (messages - 1) / (Number(last - first) / 1e9) : null,
});

/** Reads a recording once, from front to back. Throws JepilotError('bad-file') for what is no MCAP file. */
export async function inspectRecording(path: string): Promise<RecordingSummary> {
  const tally = new Tally();
  const metadata = new Map<string, Facts>();
  let condition: Condition = { whole: false, cutBytes: 0, damagedChunks: 0 };
  for await (const item of scanMcap(path)) {
    if (item.kind === 'message') tally.take(item.message);
    else if (item.kind === 'metadata') metadata.set(item.name, item.facts);
    else ({ condition } = item);
  }
  const channels = [...tally.channels.values()];
  const first = channels
    .map((channel) => channel.first)
    .reduce((a, b) => (b < a ? b : a), channels[0]?.first ?? 0n);
  const last = channels.map((channel) => channel.last).reduce((a, b) => (b > a ? b : a), first);
  const [run, result, repair] = ['run', 'result', 'repair'].map((name) => metadata.get(name));
  return {
    file: path,
    bytes: statSync(path).size,
    condition,
    ended: result !== undefined,
    seconds: Number(last - first) / 1e9,
    messages: channels.reduce((sum, { messages }) => sum + messages, 0),
    channels: [...tally.channels].map(summaryOf).sort((a, b) => (a.topic < b.topic ? -1 : 1)),
    ticks: tally.ticks,
    holds: tally.holds,
    clamped: tally.clamped,
    events: tally.events,
    run: run ? readFacts(RunFacts, 'run', run, path) : null,
    result: result ? readFacts(ResultFacts, 'result', result, path) : null,
    repair: repair ? Object.fromEntries(repair) : null,
  };
}
