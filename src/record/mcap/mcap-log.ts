import { crc32 } from 'node:zlib';
import { McapChunkBuilder, McapRecordBuilder, type McapTypes } from '@mcap/core';
import type { ByteSink } from './byte-sink.ts';
import { summaryOf } from './summary.ts';

/** A message with the channel that it belongs to; the channel is written before its first message. */
export interface LogMessage {
  readonly topic: string;
  readonly schemaName: string;
  /** JSON Schema, as text. */
  readonly schema: string;
  /** Control step. */
  readonly sequence: number;
  /** Nanoseconds of the wall clock. */
  readonly logTime: bigint;
  readonly publishTime: bigint;
  /** JSON. */
  readonly data: Uint8Array;
}

/**
 * Writes an MCAP file of JSON messages, chunk by chunk. Schemas and channels stand outside the chunks, so that no
 * damaged chunk takes them along. One call at a time: each must have ended before the next. Errors are the sink's; `end` is
 * then of no use any more, and `written` says how many bytes are whole.
 *
 * `McapWriter` of `@mcap/core` closes a chunk only by its size; here `flush` closes it, since time decides.
 */
export class McapLog {
  readonly #sink: ByteSink;
  readonly #records = new McapRecordBuilder();
  readonly #chunk = new McapChunkBuilder({ useMessageIndex: true });
  readonly #schemas = new Map<string, McapTypes.Schema>();
  readonly #channels = new Map<string, McapTypes.Channel>();
  readonly #chunks: McapTypes.ChunkIndex[] = [];
  readonly #metadata: McapTypes.MetadataIndex[] = [];
  readonly #counts = new Map<number, bigint>();
  #written = 0;
  #crc = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** Bytes up to the last whole write. */
  get written(): number {
    return this.#written;
  }

  /** Bytes of the chunk that is open. */
  get open(): number {
    return this.#chunk.byteLength;
  }

  /** @param library - name and version of what writes */
  async start(library: string): Promise<void> {
    this.#records.writeMagic();
    this.#records.writeHeader({ profile: '', library });
    await this.#write();
  }

  async metadata(name: string, metadata: ReadonlyMap<string, string>): Promise<void> {
    await this.flush();
    const offset = BigInt(this.#written);
    const length = this.#records.writeMetadata({ name, metadata: new Map(metadata) });
    this.#metadata.push({ name, offset, length });
    await this.#write();
  }

  /** Adds a message to the open chunk. */
  async message({ topic, schemaName, schema, ...message }: LogMessage): Promise<void> {
    const channel = this.#channels.get(topic) ?? (await this.#addChannel(topic, schemaName, schema));
    this.#counts.set(channel.id, (this.#counts.get(channel.id) ?? 0n) + 1n);
    this.#chunk.addMessage({ channelId: channel.id, ...message });
  }

  /** Closes the open chunk and hands it to the operating system. */
  async flush(): Promise<void> {
    const chunk = this.#chunk;
    if (chunk.numMessages === 0) return;
    const { messageStartTime, messageEndTime } = chunk;
    const size = BigInt(chunk.byteLength);
    const chunkStartOffset = BigInt(this.#written);
    const chunkLength = this.#records.writeChunk({
      messageStartTime,
      messageEndTime,
      uncompressedSize: size,
      uncompressedCrc: crc32(chunk.buffer),
      compression: '',
      records: chunk.buffer,
    });
    const indexStart = this.#records.length;
    const messageIndexOffsets = new Map<number, bigint>();
    for (const index of chunk.indices) {
      messageIndexOffsets.set(index.channelId, BigInt(this.#written + this.#records.length));
      this.#records.writeMessageIndex(index);
    }
    this.#chunks.push({
      messageStartTime,
      messageEndTime,
      chunkStartOffset,
      chunkLength,
      messageIndexOffsets,
      messageIndexLength: BigInt(this.#records.length - indexStart),
      compression: '',
      compressedSize: size,
      uncompressedSize: size,
    });
    chunk.reset();
    await this.#write();
  }

  /** Closes the file: without this it is a cut one. */
  async end(): Promise<void> {
    await this.flush();
    const summary = {
      schemas: [...this.#schemas.values()],
      channels: [...this.#channels.values()],
      chunks: this.#chunks,
      metadata: this.#metadata,
      counts: this.#counts,
    };
    await this.#sink.write(summaryOf(summary, BigInt(this.#written), this.#crc));
  }

  async #addChannel(topic: string, schemaName: string, text: string): Promise<McapTypes.Channel> {
    let schema = this.#schemas.get(schemaName);
    if (!schema) {
      const id = this.#schemas.size + 1;
      schema = { id, name: schemaName, encoding: 'jsonschema', data: Buffer.from(text) };
      this.#schemas.set(schemaName, schema);
      this.#records.writeSchema(schema);
    }
    const id = this.#channels.size + 1;
    const channel = { id, schemaId: schema.id, topic, messageEncoding: 'json', metadata: new Map() };
    this.#channels.set(topic, channel);
    this.#records.writeChannel(channel);
    await this.#write();
    return channel;
  }

  async #write(): Promise<void> {
    const bytes = Buffer.from(this.#records.buffer);
    this.#records.reset();
    await this.#sink.write(bytes);
    this.#written += bytes.length;
    this.#crc = crc32(bytes, this.#crc);
  }
}
