import { asyncScheduler, interval, type Observable, type SchedulerLike, type Subscription } from 'rxjs';
import { reasonOf } from '../errors.ts';
import { Backlog, type Dropped } from './backlog.ts';
import { schemaOf } from './feed/channels.ts';
import { nanoseconds, payloadOf, type FeedMessage } from './feed/message.ts';
import type { ByteSink } from './mcap/byte-sink.ts';
import { McapLog } from './mcap/mcap-log.ts';

/** Metadata of a recording: text by key. */
export type Facts = ReadonlyMap<string, string>;

export interface RecorderOptions {
  readonly sink: ByteSink;
  /** The file's name, for messages. */
  readonly place: string;
  /** Nanoseconds of the wall clock at the recording's second 0. */
  readonly base: bigint;
  /** Name and version of what records. */
  readonly library: string;
  /** The metadata record `run`. */
  readonly run: Facts;
  /** Told once, in a sentence, when something is lost; the run goes on. */
  readonly onTrouble: (sentence: string) => void;
  /** Bytes that may wait for the disk; 64 MiB by default. */
  readonly limit?: number;
  /** Where the half second between flushes comes from. */
  readonly scheduler?: SchedulerLike;
}

/** Milliseconds between flushes: a crash costs less than a second. */
const FLUSH_MS = 500;
/** Bytes after which a chunk is closed early. */
const CHUNK_BYTES = 512 * 1024;
const LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * Writes messages to an MCAP file beside a run and never holds it up: `write` returns at once and never throws. What was
 * written is on disk within a second, whatever becomes of the process. A disk that fails ends the recording after its
 * last whole chunk; one that is too slow costs pictures first. Either is told once.
 */
export class Recorder implements AsyncDisposable {
  readonly #options: RecorderOptions;
  readonly #log: McapLog;
  readonly #backlog: Backlog;
  readonly #timer: Subscription;
  #pump: Promise<void>;
  #pumping = true;
  #flushDue = false;
  #failed = false;
  #toldDropped = false;
  #closed = false;
  #lastStep = 0;
  #lastTime = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#log = new McapLog(options.sink);
    this.#backlog = new Backlog(options.limit ?? LIMIT_BYTES);
    this.#pump = this.#guarded(() => this.#start());
    this.#timer = interval(FLUSH_MS, options.scheduler ?? asyncScheduler).subscribe(() => {
      this.#flushDue = true;
      this.#wake();
    });
  }

  get dropped(): Dropped {
    return this.#backlog.dropped;
  }

  write(message: FeedMessage): void {
    if (this.#failed || this.#closed) return;
    this.#lastStep = Math.max(this.#lastStep, message.step);
    this.#lastTime = Math.max(this.#lastTime, message.time);
    this.#backlog.push(message);
    const { image, data } = this.dropped;
    if (image + data > 0 && !this.#toldDropped) {
      this.#toldDropped = true;
      this.#options.onTrouble(`${this.#options.place}: the disk is too slow; pictures are left out`);
    }
    this.#wake();
  }

  /** Writes all that comes until the stream ends. */
  follow(messages$: Observable<FeedMessage>): Subscription {
    return messages$.subscribe((message) => this.write(message));
  }

  /** Resolves once nothing waits to be written; the open chunk may still be in memory. */
  async settled(): Promise<void> {
    while (this.#pumping) await this.#pump;
  }

  /** Writes what waits, the metadata record `result` and the summary. Without a result the file has none, and is seen as cut. */
  async close(result?: Facts): Promise<void> {
    if (this.#closed) return;
    this.#tellDropped();
    this.#closed = true;
    this.#timer.unsubscribe();
    await this.#pump;
    await this.#guarded(async () => {
      await this.#drain();
      if (result) await this.#log.metadata('result', result);
      await this.#log.end();
      await this.#options.sink.sync();
    });
    await this.#options.sink.close().catch(() => undefined); // what failed before has been told
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #tellDropped(): void {
    const { image, data } = this.dropped;
    if (image + data === 0) return;
    this.#backlog.push({
      kind: 'event',
      topic: '/safety/events',
      step: this.#lastStep,
      time: this.#lastTime,
      sourceTime: this.#lastTime,
      body: {
        kind: 'dropped',
        reason: 'the disk is too slow',
        detail: `${image} pictures`,
        count: image + data,
      },
    });
  }

  #wake(): void {
    if (this.#pumping || this.#failed || this.#closed) return;
    this.#pumping = true;
    this.#pump = this.#guarded(() => this.#drain());
  }

  async #start(): Promise<void> {
    await this.#log.start(this.#options.library);
    await this.#log.metadata('run', this.#options.run);
    await this.#drain();
  }

  async #drain(): Promise<void> {
    for (let message = this.#backlog.shift(); message; message = this.#backlog.shift()) {
      await this.#add(message);
      if (this.#flushDue || this.#log.open > CHUNK_BYTES) await this.#flush();
    }
    if (this.#flushDue) await this.#flush();
  }

  async #add(message: FeedMessage): Promise<void> {
    const { base } = this.#options;
    await this.#log.message({
      topic: message.topic,
      ...schemaOf(message.kind),
      sequence: message.step,
      logTime: nanoseconds(base, message.time),
      publishTime: nanoseconds(base, message.sourceTime),
      data: await payloadOf(message, base),
    });
  }

  async #flush(): Promise<void> {
    this.#flushDue = false;
    await this.#log.flush();
    await this.#options.sink.sync();
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      if (!this.#failed) await work();
    } catch (error) {
      await this.#fail(error);
    } finally {
      this.#pumping = false;
    }
    // What came while the last message was being written found the pump at work.
    if (this.#backlog.length > 0) this.#wake();
  }

  async #fail(error: unknown): Promise<void> {
    this.#failed = true;
    this.#backlog.clear();
    this.#timer.unsubscribe();
    const { sink, place, onTrouble } = this.#options;
    onTrouble(`cannot write ${place}: ${reasonOf(error)}; the run goes on without a recording`);
    await sink.truncate(this.#log.written).catch(() => undefined); // a second failure has nothing to add
  }
}
