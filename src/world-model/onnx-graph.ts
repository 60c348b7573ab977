import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from 'onnx-buf';

/** The name of a value inside a graph. */
export type Value = string;

/** Element types that this runtime writes. */
export const ElementType = {
  float32: TensorProto_DataType.FLOAT,
  uint8: TensorProto_DataType.UINT8,
  int32: TensorProto_DataType.INT32,
  int64: TensorProto_DataType.INT64,
  int8: TensorProto_DataType.INT8,
} as const;

type Attribute = number | TensorProto | GraphProto;

/** Operator sets by domain; `''` is the standard one. */
export type OperatorSets = ReadonlyMap<string, bigint>;

/** Writes an ONNX graph node by node. Values are named by strings; every method that makes one returns its name. */
export class GraphBuilder {
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #nodes: NodeProto[] = [];
  readonly #operatorSets: OperatorSets;
  #count = 0;

  constructor(operatorSets: OperatorSets = new Map([['', 18n]])) {
    this.#operatorSets = operatorSets;
  }

  /** A graph input; strings in `shape` are dynamic extents. */
  input(name: string, type: keyof typeof ElementType, shape: readonly (number | string)[]): Value {
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  /** Declares `value` a graph output called `name`. */
  output(name: string, value: Value, shape: readonly (number | string)[]): void {
    this.node(create(NodeProtoSchema, { opType: 'Identity', input: [value], output: [name], name }));
    this.#outputs.push(valueInfo(name, 'float32', shape));
  }

  /** A float32 constant; a scalar when `shape` is empty. */
  floats(shape: readonly number[], values: Iterable<number>): Value {
    return this.initializer(constantTensor('float32', shape, Float32Array.from(values)));
  }

  /** An int64 vector, as shapes and axes are given. */
  integers(...values: readonly number[]): Value {
    return this.initializer(constantTensor('int64', [values.length], BigInt64Array.from(values, BigInt)));
  }

  /** An operator with one output; a number is an integer attribute, a message a tensor or a subgraph. */
  op(opType: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
    const output = this.#fresh(opType);
    const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
    this.node(
      create(NodeProtoSchema, { opType, name: output, input: [...inputs], output: [output], attribute }),
    );
    return output;
  }

  /** Adds a node as it is. */
  node(node: NodeProto): void {
    this.#nodes.push(node);
  }

  /** Adds a constant; one without a name gets one. */
  initializer(value: TensorProto): Value {
    const name = value.name || this.#fresh('constant');
    this.#initializers.push(create(TensorProtoSchema, { ...value, name }));
    return name;
  }

  /** What was built, as a graph (for a subgraph attribute). */
  graph(name = 'jepilot'): GraphProto {
    return create(GraphProtoSchema, {
      name,
      input: this.#inputs,
      output: this.#outputs,
      initializer: this.#initializers,
      node: this.#nodes,
    });
  }

  /** What was built, as a serialised model. */
  toBytes(irVersion = 8n): Uint8Array {
    const opsetImport = [...this.#operatorSets].map(([domain, version]) =>
      create(OperatorSetIdProtoSchema, { domain, version }),
    );
    const model = { irVersion, opsetImport, producerName: 'jepilot', graph: this.graph() };
    return toBinary(ModelProtoSchema, create(ModelProtoSchema, model));
  }

  #fresh(kind: string): string {
    return `jepilot/${kind}${this.#count++}`;
  }
}

/** An unnamed constant tensor; `values` in row-major order. */
export const constantTensor = (
  type: keyof typeof ElementType,
  shape: readonly number[],
  values: Float32Array | Int32Array | BigInt64Array | Int8Array,
): TensorProto =>
  create(TensorProtoSchema, {
    dims: shape.map(BigInt),
    dataType: ElementType[type],
    rawData: new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength),
  });

/** A node that turns `input` into `output` of another element type. */
export const castNode = (input: Value, output: Value, to: TensorProto_DataType): NodeProto =>
  create(NodeProtoSchema, {
    opType: 'Cast',
    name: `${output}/cast`,
    input: [input],
    output: [output],
    attribute: [attributeOf('to', to)],
  });

/** A constant tensor under a name. */
export const named = (name: string, constant: TensorProto): TensorProto =>
  create(TensorProtoSchema, { ...constant, name });

function valueInfo(
  name: string,
  type: keyof typeof ElementType,
  shape: readonly (number | string)[],
): ValueInfoProto {
  const dim = shape.map((extent) =>
    typeof extent === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(extent) } }
      : { value: { case: 'dimParam' as const, value: extent } },
  );
  const tensorType = { elemType: ElementType[type], shape: { dim } };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value: tensorType } } });
}

function attributeOf(name: string, value: Attribute): AttributeProto {
  if (typeof value === 'number') {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) });
  }
  return value.$typeName === 'onnx.GraphProto'
    ? create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.GRAPH, g: value })
    : create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.TENSOR, t: value });
}
