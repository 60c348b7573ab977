import type { GraphProto, NodeProto } from 'onnx-buf';

/** Every name that a node reads, its bodies included. */
function readBy({ input, attribute }: NodeProto): string[] {
  const bodies = attribute.flatMap(({ g, graphs }) => [...(g ? [g] : []), ...graphs]);
  return [
    ...input,
    ...bodies.flatMap((body) => [...body.node.flatMap(readBy), ...body.output.map((o) => o.name)]),
  ];
}

/** The nodes, in order, that the outputs `wanted` are computed by, and every value that they read. */
export function neededFor(
  graph: GraphProto,
  wanted: readonly string[],
): { readonly nodes: readonly NodeProto[]; readonly values: ReadonlySet<string> } {
  const values = new Set(wanted);
  const nodes: NodeProto[] = [];
  for (const node of [...graph.node].reverse()) {
    if (!node.output.some((name) => values.has(name))) continue;
    for (const name of readBy(node)) values.add(name);
    nodes.push(node);
  }
  return { nodes: nodes.reverse(), values };
}
