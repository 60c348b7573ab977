import { create, fromBinary } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
} from 'onnx-buf';
import { JepilotError } from '../errors.ts';
import type { GraphBuilder, OperatorSets, Value } from './onnx-graph.ts';
import { neededFor } from './onnx-reach.ts';
import { firstLine } from './onnx-runtime.ts';

/** An exported graph, decoded, and the name that its weights and error lines go by. */
export interface ExportedGraph {
  readonly file: string;
  readonly model: ModelProto;
}

/** Decodes an exported graph; bytes that are none are a `bad-model` error naming `file`. */
export function decodeGraph(file: string, bytes: Uint8Array): ExportedGraph {
  try {
    return { file, model: fromBinary(ModelProtoSchema, bytes) };
  } catch (cause) {
    throw new JepilotError('bad-model', `${file} is not a whole ONNX file: ${firstLine(cause)}`, { cause });
  }
}

/** Why these graphs can't be inlined into one, naming file and construct; null when they can. */
export function refusal(graphs: readonly ExportedGraph[]): string | null {
  for (const { file, model } of graphs) {
    const [localFunction] = model.functions;
    if (localFunction) return `${file} has a local function '${localFunction.name}'`;
    const external = model.graph?.initializer.find(
      (t) => t.dataLocation === TensorProto_DataLocation.EXTERNAL,
    );
    if (external) return `${file} keeps '${external.name}' in an external file`;
    const sparse = model.graph?.sparseInitializer[0]?.values;
    if (sparse) return `${file} has a sparse constant '${sparse.name}'`;
    const version = operatorSetsOf(model).get('') ?? 0n;
    if (version < 13n) return `${file} uses operator set ${version.toString()}, older than 13`;
  }
  return disagreement(graphs);
}

function disagreement(graphs: readonly ExportedGraph[]): string | null {
  const seen = new Map<string, { file: string; version: bigint }>();
  for (const { file, model } of graphs) {
    for (const [domain, version] of operatorSetsOf(model)) {
      const other = seen.get(domain);
      if (other && other.version !== version) {
        const [a, b] = [other.version.toString(), version.toString()];
        return `${other.file} uses operator set ${domain || 'ai.onnx'} ${a}, ${file} ${b}`;
      }
      seen.set(domain, { file, version });
    }
  }
  return null;
}

const operatorSetsOf = (model: ModelProto): OperatorSets =>
  new Map(model.opsetImport.map(({ domain, version }) => [domain === 'ai.onnx' ? '' : domain, version]));

/** The operator sets of all `graphs` together; they agree where `refusal` found nothing. */
export const mergedOperatorSets = (graphs: readonly ExportedGraph[]): OperatorSets =>
  new Map(graphs.flatMap(({ model }) => [...operatorSetsOf(model)]));

/** Copies exported graphs into a builder, any number of times each, with every weight stored once. */
export class Inliner {
  readonly #builder: GraphBuilder;
  /** Names in the builder of constants already there, by file. */
  readonly #shared = new Map<string, Map<string, Value>>();
  #calls = 0;

  constructor(builder: GraphBuilder) {
    this.#builder = builder;
  }

  /** Applies a graph with one output to `inputs` (by its own input names) and returns its result. */
  apply(exported: ExportedGraph, inputs: Readonly<Record<string, Value>>): Value {
    const output = exported.model.graph?.output[0]?.name ?? '';
    return this.applyFor(exported, inputs, [output])[0]!;
  }

  /** Applies as much of a graph as the outputs `wanted` take, and returns them. Inputs that they don't need may lack. */
  applyFor(
    { file, model }: ExportedGraph,
    inputs: Readonly<Record<string, Value>>,
    wanted: readonly string[],
  ): readonly Value[] {
    const graph = model.graph ?? create(GraphProtoSchema);
    const scope = new Scope(`${file}#${this.#calls++}/`, inputs);
    const { nodes, values } = neededFor(graph, wanted);
    for (const constant of graph.initializer) {
      if (values.has(constant.name)) scope.bind(constant.name, this.#share(file, constant.name, constant));
    }
    for (const node of nodes) {
      const [output] = node.output;
      const constant =
        node.opType === 'Constant' ? node.attribute.find((a) => a.name === 'value')?.t : undefined;
      if (constant && output !== undefined) scope.bind(output, this.#share(file, output, constant));
      else this.#builder.node(scope.node(node));
    }
    return wanted.map((name) => scope.name(name));
  }

  #share(file: string, name: string, constant: TensorProto): Value {
    const known = this.#shared.get(file) ?? new Map<string, Value>();
    this.#shared.set(file, known);
    const value =
      known.get(name) ??
      this.#builder.initializer(create(TensorProtoSchema, { ...constant, name: `${file}/${name}` }));
    known.set(name, value);
    return value;
  }
}

/** The renaming of one copy of a graph. Names in ONNX are unique across nested scopes, so one map serves them all. */
class Scope {
  readonly #prefix: string;
  readonly #names: Map<string, Value>;

  constructor(prefix: string, inputs: Readonly<Record<string, Value>>) {
    this.#prefix = prefix;
    this.#names = new Map(Object.entries(inputs));
  }

  bind(name: string, value: Value): void {
    this.#names.set(name, value);
  }

  /** The new name of a value; the empty name stands for an absent optional one and stays. */
  name(name: string): Value {
    return name === '' ? '' : (this.#names.get(name) ?? this.#prefix + name);
  }

  node(node: NodeProto): NodeProto {
    return create(NodeProtoSchema, {
      ...node,
      name: this.#prefix + node.name,
      input: node.input.map((name) => this.name(name)),
      output: node.output.map((name) => this.name(name)),
      attribute: node.attribute.map((attribute) => this.#attribute(attribute)),
    });
  }

  #attribute(attribute: AttributeProto): AttributeProto {
    if (!attribute.g && attribute.graphs.length === 0) return attribute;
    const copy = create(AttributeProtoSchema, {
      ...attribute,
      graphs: attribute.graphs.map((graph) => this.#graph(graph)),
    });
    if (attribute.g) copy.g = this.#graph(attribute.g);
    return copy;
  }

  /** A body of Loop, Scan or If. Types of inner values are left for the runtime to infer. */
  #graph(graph: GraphProto): GraphProto {
    return create(GraphProtoSchema, {
      ...graph,
      input: graph.input.map((v) => create(ValueInfoProtoSchema, { ...v, name: this.name(v.name) })),
      output: graph.output.map((v) => create(ValueInfoProtoSchema, { ...v, name: this.name(v.name) })),
      initializer: graph.initializer.map((t) => create(TensorProtoSchema, { ...t, name: this.name(t.name) })),
      node: graph.node.map((node) => this.node(node)),
      valueInfo: [],
    });
  }
}
