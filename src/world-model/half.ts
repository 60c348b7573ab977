import { clone, create } from '@bufbuild/protobuf';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from 'onnx-buf';
import { FLOAT, floatsOf } from './onnx-constants.ts';
import { castNode } from './onnx-graph.ts';
import type { ExportedGraph } from './onnx-inline.ts';

const scratch = new DataView(new ArrayBuffer(4));

/** The bits of the 16-bit float nearest to `value` (IEEE 754 binary16); beyond 65504 the largest there is. */
export function halfOf(value: number): number {
  scratch.setFloat32(0, Math.max(-65504, Math.min(65504, value)));
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const mantissa = bits & 0x7fffff;
  if (exponent <= 0) {
    // Subnormal: the mantissa with its leading one, moved to where units of 2^-24 are counted.
    return sign | Math.round(((mantissa | 0x800000) * 2 ** exponent) / 2 ** 14);
  }
  const kept = mantissa >>> 13;
  const rest = mantissa & 0x1fff;
  const up = rest > 0x1000 || (rest === 0x1000 && (kept & 1) === 1) ? 1 : 0;
  return sign | ((exponent << 10) + kept + up);
}

function halfTensor(constant: TensorProto): TensorProto {
  if (constant.dataType !== FLOAT) return constant;
  const values = Uint16Array.from(floatsOf(constant), halfOf);
  return create(TensorProtoSchema, {
    name: constant.name,
    dims: constant.dims,
    dataType: TensorProto_DataType.FLOAT16,
    rawData: new Uint8Array(values.buffer),
  });
}

const isFloat = ({ type }: ValueInfoProto): boolean =>
  type?.value.case === 'tensorType' && type.value.value.elemType === FLOAT;

/** The graph with constants and arithmetic in 16-bit floats; what goes in and comes out stays float32. For GPUs. */
export function halved({ file, model }: ExportedGraph): ExportedGraph {
  const graph = model.graph ?? create(GraphProtoSchema);
  const inputs = graph.input.filter(isFloat).map(({ name }) => name);
  const outputs = graph.output.filter(isFloat).map(({ name }) => name);
  const inner = new Map([...inputs, ...outputs].map((name) => [name, `${name}/half`]));
  const node = [
    ...inputs.map((name) => castNode(name, `${name}/half`, TensorProto_DataType.FLOAT16)),
    ...graph.node.map((one) => halfNode(one, inner)),
    ...outputs.map((name) => castNode(`${name}/half`, name, TensorProto_DataType.FLOAT)),
  ];
  const initializer = graph.initializer.map(halfTensor);
  const half: GraphProto = create(GraphProtoSchema, { ...graph, node, initializer, valueInfo: [] });
  return { file, model: create(ModelProtoSchema, { ...model, graph: half }) };
}

function halfNode(node: NodeProto, inner: ReadonlyMap<string, string>): NodeProto {
  const own = clone(NodeProtoSchema, node);
  const rename = (name: string): string => inner.get(name) ?? name;
  own.input = own.input.map(rename);
  own.output = own.output.map(rename);
  for (const attribute of own.attribute) {
    if (attribute.t) attribute.t = halfTensor(attribute.t);
    const casts = own.opType === 'Cast' && attribute.name === 'to';
    if (casts && attribute.i === BigInt(TensorProto_DataType.FLOAT))
      attribute.i = BigInt(TensorProto_DataType.FLOAT16);
  }
  return own;
}
