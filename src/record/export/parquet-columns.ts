import { writeFileSync } from 'node:fs';
import { parquetWriteBuffer, type ColumnSource, type SchemaElement } from 'hyparquet-writer';
import { JepilotError, reasonOf } from '../../errors.ts';

/** A column with its place in the schema. */
export interface ParquetColumn {
  readonly name: string;
  readonly schema: readonly SchemaElement[];
  readonly data: ColumnSource['data'];
}

type Leaf = Pick<SchemaElement, 'type' | 'converted_type'>;

const leaves = {
  float: { type: 'FLOAT' },
  double: { type: 'DOUBLE' },
  int64: { type: 'INT64' },
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  binary: { type: 'BYTE_ARRAY' },
} as const satisfies Record<string, Leaf>;

export type LeafType = keyof typeof leaves;

/** A column of one value a row, or of lists `depth` deep. */
export function column(name: string, type: LeafType, data: ColumnSource['data'], depth = 0): ParquetColumn {
  return { name, schema: nested(name, type, depth), data };
}

function nested(name: string, type: LeafType, depth: number): SchemaElement[] {
  if (depth === 0) return [{ name, repetition_type: 'REQUIRED', ...leaves[type] }];
  return [
    { name, repetition_type: 'REQUIRED', converted_type: 'LIST', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    ...nested('element', type, depth - 1),
  ];
}

/** A column of picture files as Hugging Face's `datasets` keeps them: a struct of `bytes` and an absent `path`. */
export const pictures = (name: string, files: readonly Uint8Array[]): ParquetColumn => ({
  name,
  schema: [
    { name, repetition_type: 'OPTIONAL', num_children: 2 },
    { name: 'bytes', repetition_type: 'OPTIONAL', ...leaves.binary },
    { name: 'path', repetition_type: 'OPTIONAL', ...leaves.string },
  ],
  data: files.map((bytes) => ({ bytes, path: null })),
});

/** Writes a Parquet file. Throws JepilotError('io'). */
export function writeParquet(
  path: string,
  columns: readonly ParquetColumn[],
  metadata: readonly { key: string; value: string }[] = [],
): void {
  const schema: SchemaElement[] = [
    { name: 'root', num_children: columns.length },
    ...columns.flatMap((each) => each.schema),
  ];
  const buffer = parquetWriteBuffer({
    columnData: columns.map(({ name, data }) => ({ name, data })),
    schema,
    kvMetadata: [...metadata],
    statistics: false,
    createdBy: 'jepilot',
  });
  try {
    writeFileSync(path, Buffer.from(buffer));
  } catch (cause) {
    throw new JepilotError('io', `cannot write ${path}: ${reasonOf(cause)}`, { cause });
  }
}
