import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { GraphProtoSchema, ModelProtoSchema, NodeProtoSchema, type GraphProto } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { tensor } from '#src/tensor.js';
import { GraphBuilder, constantTensor } from '#src/world-model/onnx-graph.js';
import { Inliner, decodeGraph, refusal, type ExportedGraph } from '#src/world-model/onnx-inline.js';
import { loadRuntime } from '#src/world-model/onnx-runtime.js';
import { OnnxSession } from '#src/world-model/onnx-session.js';

/** Applies a graph `x` [N,2] → `y` [N,2] `times` times over, in one graph. */
function repeated(exported: ExportedGraph, times: number): Uint8Array {
  const g = new GraphBuilder();
  const inliner = new Inliner(g);
  let x = g.input('x', 'float32', ['N', 2]);
  for (let i = 0; i < times; i++) x = inliner.apply(exported, { x });
  g.output('result', x, ['N', 2]);
  return g.toBytes();
}

/** What a serialised graph makes of x = [[1, 2], [-3, 4]]. */
async function run(bytes: Uint8Array): Promise<number[]> {
  const engine = { runtime: await loadRuntime(), provider: 'cpu', threads: 1 } as const;
  await using session = await OnnxSession.open(engine, bytes, 'a test graph');
  return [...(await session.runOne({ x: tensor([2, 2], Float32Array.of(1, 2, -3, 4)) }, [2, 2])).data];
}

const exported = (g: GraphBuilder): ExportedGraph => decodeGraph('f.onnx', g.toBytes());

/** y = 2·x + [10, 20], the second constant from a Constant node. */
function affine(): ExportedGraph {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', ['N', 2]);
  const offset = g.op('Constant', [], { value: constantTensor('float32', [2], Float32Array.of(10, 20)) });
  g.output('y', g.op('Add', [g.op('Mul', [x, g.floats([], [2])]), offset]), ['N', 2]);
  return exported(g);
}

/** A body without inputs whose one node works on names of the graph around it. */
const body = (name: string, opType: string, input: string[]): GraphProto => {
  const g = new GraphBuilder();
  g.node(create(NodeProtoSchema, { opType, input, output: [`${name}/value`] }));
  g.output(`${name}/out`, `${name}/value`, ['N', 2]);
  return g.graph(name);
};

/** y = x + 1 where the sum of all x is below 12, else -x: bodies that use names of the graph around them. */
function branching(): ExportedGraph {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', ['N', 2]);
  const one = g.floats([], [1]);
  const below = g.op('Less', [g.op('ReduceSum', [x], { keepdims: 0 }), g.floats([], [12])]);
  const branches = { then_branch: body('then', 'Add', [x, one]), else_branch: body('else', 'Neg', [x]) };
  g.output('y', g.op('If', [below], branches), ['N', 2]);
  return exported(g);
}

describe('inlining', () => {
  it('applies a graph as often as asked', async () => {
    expect(await run(repeated(affine(), 1))).toEqual([12, 24, 4, 28]);
    expect(await run(repeated(affine(), 3))).toEqual([78, 156, 46, 172]);
  });

  it('stores every weight once, those of Constant nodes too', () => {
    const { graph } = fromBinary(ModelProtoSchema, repeated(affine(), 5));
    expect(graph!.initializer).toHaveLength(2);
    expect(graph!.node.map(({ opType }) => opType)).not.toContain('Constant');
    const names = graph!.node.flatMap(({ output }) => output);
    expect(new Set(names).size).toBe(names.length);
  });

  it('renames inside the bodies of control flow', async () => {
    expect(refusal([branching()])).toBeNull();
    expect(await run(repeated(branching(), 1))).toEqual([2, 3, -2, 5]);
    // Sums before each step: 4, 8, 12.
    expect(await run(repeated(branching(), 3))).toEqual([-3, -4, 1, -6]);
  });

  it('keeps absent optional inputs absent', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', ['N', 2]);
    g.output('y', g.op('Clip', [x, '', g.floats([], [1.5])]), ['N', 2]);
    expect(await run(repeated(exported(g), 2))).toEqual([1, 1.5, -3, 1.5]);
  });
});

describe('decodeGraph', () => {
  it('refuses bytes that are no graph, by the name of the file', () => {
    const whole = toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, { graph: create(GraphProtoSchema, { name: 'g' }) }),
    );
    expect(() => decodeGraph('f.onnx', whole.slice(0, -1))).toThrow(/^f\.onnx is not a whole ONNX file/);
  });
});
