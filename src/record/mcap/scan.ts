import { open, type FileHandle } from 'node:fs/promises';
import { MCAP_MAGIC, McapStreamReader, Opcode, type McapTypes } from '@mcap/core';
import { JepilotError, reasonOf } from '../../errors.ts';
import type { Facts } from '../recorder.ts';
import type { LogMessage } from './mcap-log.ts';

/** What stands in an MCAP file, in its order; the last item tells whether it is all there. */
export type ScanItem =
  | { readonly kind: 'metadata'; readonly name: string; readonly facts: Facts }
  | { readonly kind: 'message'; readonly message: LogMessage }
  | { readonly kind: 'end'; readonly condition: Condition };

/** How whole a file is. */
export interface Condition {
  /** It was closed by its writer, and nothing in it is damaged. */
  readonly whole: boolean;
  /** Bytes at the end that belong to no whole record: what was being written when the writer died. */
  readonly cutBytes: number;
  /** Chunks that were damaged later, and left out. */
  readonly damagedChunks: number;
}

/** No chunk of ours comes near it; a length beyond is damage or malice. */
const MAXIMUM_RECORD = 256 * 1024 * 1024;
const RECORD_HEADER = 9;

/** Bytes of a file from `at` on; fewer where it ends. */
async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, at + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

async function openMcap(path: string): Promise<FileHandle> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    throw new JepilotError('bad-file', `cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
  try {
    const magic = await bytesAt(file, 0, MCAP_MAGIC.length);
    if (Buffer.from(MCAP_MAGIC).equals(magic)) return file;
    const found = magic.length === 0 ? 'it is empty' : 'it begins otherwise';
    throw new JepilotError('bad-file', `${path} is no MCAP recording: ${found}`);
  } catch (cause) {
    await file.close();
    if (cause instanceof JepilotError) throw cause;
    throw new JepilotError('bad-file', `cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
}

/** Schemas and channels as they become known, and the records of theirs that every chunk is read after. */
class Directory {
  readonly #schemas = new Map<number, McapTypes.Schema>();
  readonly #channels = new Map<number, McapTypes.Channel>();
  readonly #known: Uint8Array[] = [];

  /** Every message and metadata record of one top-level record. Throws what is wrong with it. */
  read(record: Uint8Array, isChannel: boolean): ScanItem[] {
    const reader = new McapStreamReader({ noMagicPrefix: true });
    reader.append(Buffer.concat([...this.#known, record]));
    const items: ScanItem[] = [];
    for (let found = reader.nextRecord(); found; found = reader.nextRecord()) {
      if (found.type === 'Schema') this.#schemas.set(found.id, found);
      if (found.type === 'Channel') this.#channels.set(found.id, found);
      if (found.type === 'Message') items.push({ kind: 'message', message: this.#message(found) });
      if (found.type === 'Metadata')
        items.push({ kind: 'metadata', name: found.name, facts: found.metadata });
    }
    if (isChannel) this.#known.push(record);
    return items;
  }

  #message({ channelId, sequence, logTime, publishTime, data }: McapTypes.Message): LogMessage {
    const channel = this.#channels.get(channelId);
    const schema = this.#schemas.get(channel?.schemaId ?? 0);
    return {
      topic: channel?.topic ?? '',
      schemaName: schema?.name ?? '',
      schema: schema ? Buffer.from(schema.data).toString('utf8') : '',
      sequence,
      logTime,
      publishTime,
      data,
    };
  }
}

const SCHEMA: number = Opcode.SCHEMA;
const CHANNEL: number = Opcode.CHANNEL;
const CHUNK: number = Opcode.CHUNK;
const DATA_END: number = Opcode.DATA_END;

/** Top-level records whose content matters; the rest is an index that a scan can do without. */
const wanted: ReadonlySet<number> = new Set([SCHEMA, CHANNEL, Opcode.MESSAGE, CHUNK, Opcode.METADATA]);

/** A record's place in the file; null where it is not all there. */
interface Place {
  readonly opcode: number;
  readonly at: number;
  readonly length: number;
}

async function placeAt(file: FileHandle, at: number, size: number): Promise<Place | null> {
  const header = await bytesAt(file, at, RECORD_HEADER);
  if (header.length < RECORD_HEADER) return null;
  const length = RECORD_HEADER + Number(header.readBigUInt64LE(1));
  return at + length > size ? null : { opcode: header.readUInt8(0), at, length };
}

/** The items of one record; null for a chunk that is damaged. */
async function itemsOf(
  path: string,
  file: FileHandle,
  directory: Directory,
  place: Place,
): Promise<ScanItem[] | null> {
  const { opcode, at, length } = place;
  const where = `${path}: record at byte ${at}`;
  if (length > MAXIMUM_RECORD)
    throw new JepilotError('bad-file', `${where} has ${length} bytes; at most ${MAXIMUM_RECORD} are read`);
  const record = await bytesAt(file, at, length);
  try {
    return directory.read(record, opcode === SCHEMA || opcode === CHANNEL);
  } catch (cause) {
    const reason = reasonOf(cause);
    if (opcode === CHUNK && !reason.includes('compression')) return null;
    throw new JepilotError('bad-file', `${where}: ${reason}`, { cause });
  }
}

/** Whether the file's last bytes are the closing magic. */
const closes = async (file: FileHandle, size: number): Promise<boolean> =>
  Buffer.from(MCAP_MAGIC).equals(await bytesAt(file, size - MCAP_MAGIC.length, MCAP_MAGIC.length));

async function* scanRecords(path: string, file: FileHandle): AsyncGenerator<ScanItem> {
  const { size } = await file.stat();
  const directory = new Directory();
  let damagedChunks = 0;
  let at = MCAP_MAGIC.length;
  let place = await placeAt(file, at, size);
  while (place && place.opcode !== DATA_END) {
    const items = wanted.has(place.opcode) ? await itemsOf(path, file, directory, place) : [];
    if (items) yield* items;
    else damagedChunks += 1;
    at += place.length;
    place = await placeAt(file, at, size);
  }
  const closed = place !== null && (await closes(file, size));
  const cutBytes = closed ? 0 : size - at;
  yield { kind: 'end', condition: { whole: closed && damagedChunks === 0, cutBytes, damagedChunks } };
}

/**
 * Reads an MCAP file from front to back, as far as it goes: a cut one up to where it was cut, a damaged one without its
 * damaged chunks. Throws JepilotError('bad-file') for what is no MCAP file.
 */
export async function* scanMcap(path: string): AsyncGenerator<ScanItem> {
  const file = await openMcap(path);
  try {
    yield* scanRecords(path, file);
  } finally {
    await file.close();
  }
}
