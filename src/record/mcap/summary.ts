import { crc32 } from 'node:zlib';
import { Opcode, type McapTypes, McapRecordBuilder } from '@mcap/core';

/** What the end of a file says of the whole of it. */
export interface Summary {
  readonly schemas: readonly McapTypes.Schema[];
  readonly channels: readonly McapTypes.Channel[];
  readonly chunks: readonly McapTypes.ChunkIndex[];
  readonly metadata: readonly McapTypes.MetadataIndex[];
  /** Messages of each channel. */
  readonly counts: ReadonlyMap<number, bigint>;
}

function statisticsOf({ schemas, channels, chunks, metadata, counts }: Summary): McapTypes.Statistics {
  const edge = (times: readonly bigint[], later: boolean): bigint =>
    times.reduce((a, b) => (b > a === later ? b : a), times[0] ?? 0n);
  return {
    messageCount: [...counts.values()].reduce((a, b) => a + b, 0n),
    schemaCount: schemas.length,
    channelCount: channels.length,
    attachmentCount: 0,
    metadataCount: metadata.length,
    chunkCount: chunks.length,
    messageStartTime: edge(
      chunks.map((chunk) => chunk.messageStartTime),
      false,
    ),
    messageEndTime: edge(
      chunks.map((chunk) => chunk.messageEndTime),
      true,
    ),
    channelMessageCounts: new Map(counts),
  };
}

/**
 * Everything from the end of the data section to the closing magic, for a file of which `start` bytes are written.
 * MCAP specification, "Summary Section" and "Footer".
 */
export function summaryOf(summary: Summary, start: bigint, dataCrc: number): Uint8Array {
  const builder = new McapRecordBuilder();
  builder.writeDataEnd({ dataSectionCrc: dataCrc });
  const dataEnd = Buffer.from(builder.buffer);
  builder.reset();

  const summaryStart = start + BigInt(dataEnd.length);
  const offsets: McapTypes.SummaryOffset[] = [];
  const group = (groupOpcode: number, write: () => void): void => {
    const before = builder.length;
    write();
    const groupLength = BigInt(builder.length - before);
    if (groupLength > 0n)
      offsets.push({ groupOpcode, groupStart: summaryStart + BigInt(before), groupLength });
  };
  group(Opcode.SCHEMA, () => summary.schemas.forEach((schema) => builder.writeSchema(schema)));
  group(Opcode.CHANNEL, () => summary.channels.forEach((channel) => builder.writeChannel(channel)));
  group(Opcode.STATISTICS, () => builder.writeStatistics(statisticsOf(summary)));
  group(Opcode.METADATA_INDEX, () => summary.metadata.forEach((index) => builder.writeMetadataIndex(index)));
  group(Opcode.CHUNK_INDEX, () => summary.chunks.forEach((index) => builder.writeChunkIndex(index)));
  const summaryOffsetStart = summaryStart + BigInt(builder.length);
  offsets.forEach((offset) => builder.writeSummaryOffset(offset));
  return Buffer.concat([dataEnd, closed(builder, summaryStart, summaryOffsetStart)]);
}

/** The summary with its footer; the checksum covers the footer's first fields too. */
function closed(builder: McapRecordBuilder, summaryStart: bigint, summaryOffsetStart: bigint): Buffer {
  const body = Buffer.from(builder.buffer);
  builder.reset();
  builder.writeFooter({ summaryStart, summaryOffsetStart, summaryCrc: 0 });
  const footer = Buffer.from(builder.buffer);
  const fields = footer.subarray(0, footer.length - 4);
  footer.writeUInt32LE(crc32(fields, crc32(body)), fields.length);
  builder.reset();
  builder.writeMagic();
  return Buffer.concat([body, footer, builder.buffer]);
}
