import { create } from '@bufbuild/protobuf';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type GraphProto,
  type NodeProto,
  type TensorProto,
} from 'onnx-buf';
import { constantTensor, named } from './onnx-graph.ts';
import { floatsOf, isMatrix } from './onnx-constants.ts';
import type { ExportedGraph } from './onnx-inline.ts';

/** The domain of ONNX Runtime's own operators. */
const DOMAIN = 'com.microsoft';
/**
 * Products over fewer values than this stay in float32. They cost little; and they are where actions and latents come in,
 * whose small differences are all that tells plans near the goal apart.
 */
const SMALLEST_WIDTH = 96;

/** A weight matrix as int8 with one scale per output, symmetric: `values` [K, N], `scales` [N]. */
export interface Quantized {
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

/** Rounds a row-major matrix [K, N] to 8 bits, each column by its own largest magnitude. */
export function quantizeColumns(data: Float32Array, rows: number, columns: number): Quantized {
  const scales = new Float32Array(columns);
  for (let i = 0; i < data.length; i++) {
    const column = i % columns;
    scales[column] = Math.max(scales[column]!, Math.abs(data[i]!));
  }
  for (let n = 0; n < columns; n++) scales[n] = scales[n]! / 127 || 1;
  const values = new Int8Array(rows * columns);
  for (let i = 0; i < data.length; i++) values[i] = Math.round(data[i]! / scales[i % columns]!);
  return { values, scales };
}

/** [N, K] as [K, N]. */
function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let n = 0; n < rows; n++)
    for (let k = 0; k < columns; k++) result[k * rows + n] = data[n * columns + k]!;
  return result;
}

/**
 * The graph with its products by constant matrices in 8 bits: weights per column ahead, inputs per tensor at each run
 * (`DynamicQuantizeMatMul`). On processors with VNNI two to three times as fast; what it does to plans has to be
 * checked. Everything else stays as it is.
 */
export function quantized({ file, model }: ExportedGraph): ExportedGraph {
  const graph = model.graph ?? create(GraphProtoSchema);
  const weights = new Map(graph.initializer.filter(isMatrix).map((weight) => [weight.name, weight]));
  const made = new Map<string, readonly TensorProto[]>();
  const node = graph.node.map((one) => quantizedNode(one, weights, made) ?? one);
  const used = new Set(
    [...node, ...graph.output].flatMap((one) => ('input' in one ? one.input : [one.name])),
  );
  const initializer = [...graph.initializer, ...[...made.values()].flat()].filter(({ name }) =>
    used.has(name),
  );
  const own = create(OperatorSetIdProtoSchema, { domain: DOMAIN, version: 1n });
  const opsetImport = [...model.opsetImport.filter(({ domain }) => domain !== DOMAIN), own];
  const smaller: GraphProto = create(GraphProtoSchema, { ...graph, node, initializer });
  return { file, model: create(ModelProtoSchema, { ...model, opsetImport, graph: smaller }) };
}

/** Attributes of `Gemm` that leave A·B + C as it is, apart from transposing B. */
const isPlain = ({ attribute }: NodeProto): boolean =>
  attribute.every(({ name, f, i }) => name === 'transB' || (name === 'transA' ? i === 0n : f === 1));

function quantizedNode(
  node: NodeProto,
  weights: ReadonlyMap<string, TensorProto>,
  made: Map<string, readonly TensorProto[]>,
): NodeProto | null {
  const [input = '', name = '', bias] = node.input;
  const weight = weights.get(name);
  const fits = node.opType === 'MatMul' || (node.opType === 'Gemm' && isPlain(node));
  if (!weight || !fits) return null;
  const turned = node.attribute.some((a) => a.name === 'transB' && a.i === 1n);
  const [first = 0, second = 0] = weight.dims.map(Number);
  const [rows, columns] = turned ? [second, first] : [first, second];
  if (rows < SMALLEST_WIDTH) return null;
  const key = `${name}/int8${turned ? '/turned' : ''}`;
  if (!made.has(key)) {
    const data = floatsOf(weight);
    const { values, scales } = quantizeColumns(
      turned ? transposed(data, first, second) : data,
      rows,
      columns,
    );
    made.set(key, [
      named(key, constantTensor('int8', [rows, columns], values)),
      named(`${key}/scale`, constantTensor('float32', [columns], scales)),
    ]);
  }
  return create(NodeProtoSchema, {
    opType: 'DynamicQuantizeMatMul',
    domain: DOMAIN,
    name: `${node.name}/int8`,
    input: [input, key, `${key}/scale`, '', ...(bias === undefined ? [] : [bias])],
    output: [...node.output],
  });
}
