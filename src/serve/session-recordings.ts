import { basename, join, resolve } from 'node:path';
import type { Observable } from 'rxjs';
import { JepilotError, reasonOf } from '../errors.ts';
import type { Goal } from '../planning/policy.ts';
import { factsOf, modelHash, type RunFacts } from '../record/about.ts';
import { fileSink } from '../record/mcap/byte-sink.ts';
import { Recorder } from '../record/recorder.ts';
import { observationOf, readRecording } from '../record/recording.ts';
import type { StampedEvent } from './events.ts';
import { SessionFeed } from './session-feed.ts';
import type { SessionInfo } from './sessions.ts';

export interface SessionRecordingsOptions {
  readonly folder: string;
  readonly version: string;
  readonly command: string;
  readonly machine: RunFacts['machine'];
  /** Seconds of the server's clock, and its second 0 in nanoseconds of the wall's. */
  readonly now: () => number;
  readonly base: bigint;
  readonly onTrouble: (sentence: string) => void;
}

/** One episode of a session while it is recorded. */
interface Episode {
  readonly feed: SessionFeed;
  /** Null where the file could not be made. */
  readonly recorder: Promise<Recorder | null>;
}

/** Records every episode of every session to a file of its own in one folder: `<start>-s1-1.mcap`. */
export class SessionRecordings implements AsyncDisposable {
  readonly #options: SessionRecordingsOptions;
  readonly #sessions = new Map<string, SessionInfo>();
  readonly #episodes = new Map<string, Episode>();
  readonly #closing = new Set<Promise<void>>();
  #count = 0;

  constructor(event$: Observable<StampedEvent>, options: SessionRecordingsOptions) {
    this.#options = options;
    event$.subscribe((event) => this.#take(event));
  }

  #take(event: StampedEvent): void {
    if (event.kind === 'opened') this.#sessions.set(event.session.id, event.session);
    if (!('session' in event) || typeof event.session !== 'string') return;
    const id = event.session;
    if (event.kind === 'reset') {
      this.#end(id, 'reset');
      this.#begin(id, event.seed);
    }
    this.#episodes.get(id)?.feed.take(event);
    if (event.kind !== 'closed') return;
    this.#end(id, event.reason);
    this.#sessions.delete(id);
  }

  #begin(id: string, seed: number): void {
    const info = this.#sessions.get(id);
    if (!info) return;
    const { now, folder, onTrouble } = this.#options;
    const feed = new SessionFeed(info, now);
    const started = this.#wall(now()).toISOString();
    const name = `${started.slice(0, 19).replaceAll(':', '-')}-${id}-${++this.#count}.mcap`;
    const recorder = this.#open(join(folder, name), this.#factsOf(info, seed, started));
    this.#episodes.set(id, { feed, recorder });
    const early: Parameters<Recorder['write']>[0][] = [];
    let write = (message: (typeof early)[number]): void => void early.push(message);
    feed.message$.subscribe((message) => write(message));
    recorder.then(
      (open) => {
        for (const message of early.splice(0)) open?.write(message);
        write = (message) => open?.write(message);
      },
      (error: unknown) => onTrouble(reasonOf(error)),
    );
  }

  async #open(path: string, facts: RunFacts): Promise<Recorder | null> {
    const { version, base, onTrouble } = this.#options;
    try {
      const sink = await fileSink(path);
      return new Recorder({
        sink,
        place: path,
        base,
        library: `jepilot ${version}`,
        run: factsOf(facts),
        onTrouble,
      });
    } catch (error) {
      onTrouble(`${reasonOf(error)}; the session goes on without a recording`);
      return null;
    }
  }

  #end(id: string, reason: string): void {
    const episode = this.#episodes.get(id);
    if (!episode) return;
    this.#episodes.delete(id);
    const closed = this.#close(episode, reason);
    this.#closing.add(closed);
    void closed.finally(() => this.#closing.delete(closed));
  }

  async #close({ recorder }: Episode, reason: string): Promise<void> {
    const open = await recorder;
    const stopped = reason === 'reset' ? '' : reason;
    await open?.close(factsOf({ stopped, result: {}, dropped: open.dropped }));
  }

  #wall(seconds: number): Date {
    return new Date(Number(this.#options.base / 1_000_000n) + 1000 * seconds);
  }

  #factsOf(info: SessionInfo, seed: number, started: string): RunFacts {
    const { actionSpec, model, task, planner, replanInterval, iterations, controlPeriod } = info;
    const { names, minimum, maximum, mode } = actionSpec;
    const { version, command, machine } = this.#options;
    return {
      ...{ format: '1', version, command, task, planner, settings: null, replanInterval, iterations },
      model: { name: model.name, source: model.name, sha256: modelHash(model) },
      ...{
        mode: 'realtime',
        latency: 0,
        controlPeriod,
        rate: 1 / controlPeriod,
        episode: null,
        variation: {},
      },
      ...{ start: null, goal: 'picture' },
      action: { names: [...names], minimum: [...minimum], maximum: [...maximum], mode },
      stateNames: [...info.stateNames],
      cameras: info.cameras.map(({ name, width, height }) => ({ name, width, height })),
      ...{ distanceUnit: '', provider: '', machine, started, clock: 'monotonic' },
      config: { session: info.id, robot: info.robot, protocol: info.protocol, seed },
    };
  }

  /** Ends every file. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of [...this.#episodes.keys()]) this.#end(id, 'the server ended');
    await Promise.all(this.#closing);
  }
}

/** The picture of control step `step` in a recording of that folder, as a goal. Names lead nowhere else. */
export async function recordedGoal(folder: string, name: string, step: number): Promise<Goal> {
  if (basename(name) !== name || !name.endsWith('.mcap'))
    throw new JepilotError(
      'invalid-value',
      `goal recording is '${name.slice(0, 100)}'; it takes a file's name, such as run.mcap`,
    );
  const recording = await readRecording(resolve(folder, name));
  const frame = recording.frames.find((other) => other.step === step);
  if (frame) return { kind: 'observation', value: observationOf(recording, frame) };
  const last = recording.frames.at(-1)?.step ?? 0;
  throw new JepilotError(
    'out-of-range',
    `goal recording '${name}' has no step ${step}; its last one is ${last}`,
  );
}
