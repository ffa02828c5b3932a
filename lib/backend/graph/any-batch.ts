import { constantValues } from './constant-values.ts';
import { constantAttributes, typeAttribute } from './constants.ts';
import { GraphRefusedError } from './errors.ts';
import type { RecordedGraph } from './graph-builder.ts';
import { attributeProto, type GraphNode, graphNode, shapeProto } from './proto.ts';

/** A graph that was recorded with inputs of so many rows. */
export interface SizedGraph {
  readonly graph: RecordedGraph;
  readonly rows: number;
}

const BATCH = 'batch';
const INT32 = { T: 'int32' } as const;

/**
 * One graph for any number of rows, from two recordings of the same function with different numbers. Where
 * they differ, the number of rows is meant: in the inputs' shapes, and in constants that say how a result
 * is shaped, which become a multiple of the first input's rows.
 *
 * @param input the name of an input whose rows are counted
 * @throws GraphRefusedError when they differ in something else
 */
export function anyBatch(one: SizedGraph, other: SizedGraph, input: string): RecordedGraph {
  const source = one.graph.inputs.find(({ name }) => name === input)?.node;
  let counts = false;
  const nodes = one.graph.nodes.flatMap((node, i) => {
    const twin = other.graph.nodes[i];
    if (twin && same(node, twin)) return [node];
    if (!twin || twin.getOp() !== node.getOp() || !source) throw differs(node);
    if (node.getOp() === 'Placeholder') return [anyRows(node)];
    counts = true;
    return scaledConstant(node, scales(node, twin, one.rows, other.rows));
  });
  if (other.graph.nodes.length !== one.graph.nodes.length) throw differs(undefined);
  return {
    ...one.graph,
    nodes: counts && source ? [...nodes, ...countRows(source)] : nodes,
    inputs: one.graph.inputs.map((each, i) => {
      const rows = other.graph.inputs[i]?.shape[0];
      return rows === each.shape[0] ? each : { ...each, shape: [-1, ...each.shape.slice(1)] };
    }),
  };
}

function same(node: GraphNode, twin: GraphNode): boolean {
  return Buffer.compare(node.serializeBinary(), twin.serializeBinary()) === 0;
}

function anyRows(node: GraphNode): GraphNode {
  const sizes = node.getAttrMap().get('shape')?.getShape().getDimList() ?? [];
  const shape = sizes.map((dimension, i) => (i === 0 ? -1 : dimension.getSize()));
  const dtype = node.getAttrMap().get('dtype');
  return graphNode(node.getName(), 'Placeholder', {
    ...(dtype && { dtype }),
    shape: attributeProto((value) => value.setShape(shapeProto(shape))),
  });
}

/** An element of a constant: a number, or a multiple of the number of rows. */
interface Element {
  readonly value: number;
  readonly perRow: boolean;
}

function scales(node: GraphNode, twin: GraphNode, rows: number, others: number): Element[] {
  if (node.getOp() !== 'Const') throw differs(node);
  const [a, b] = [constantValues(node), constantValues(twin)];
  if (a.dtype !== 'int32' || a.shape.join() !== b.shape.join() || a.shape.length !== 1) {
    throw differs(node);
  }
  return Array.from(a.values, (value, i) => {
    if (value === b.values[i]) return { value, perRow: false };
    if (value % rows !== 0 || (value / rows) * others !== b.values[i]) throw differs(node);
    return { value: value / rows, perRow: true };
  });
}

/** The constant's node, made of its elements when the graph runs. */
function scaledConstant(node: GraphNode, elements: readonly Element[]): GraphNode[] {
  const name = node.getName();
  const parts = elements.flatMap(({ value, perRow }, i) => {
    const number = int32(`${name}/${i}${perRow ? '/factor' : ''}`, [], [value]);
    if (!perRow) return [number];
    const product = graphNode(`${name}/${i}`, 'Mul', types(INT32), [BATCH, number.getName()]);
    return [number, product];
  });
  const pack = graphNode(
    name,
    'Pack',
    {
      ...types(INT32),
      N: attributeProto((value) => value.setI(elements.length)),
      axis: attributeProto((value) => value.setI(0)),
    },
    elements.map((_, i) => `${name}/${i}`),
  );
  return [...parts, pack];
}

/** The number of an input's rows, as a scalar. */
function countRows(source: string): GraphNode[] {
  const mask = (set: number) => attributeProto((value) => value.setI(set));
  return [
    graphNode(`${BATCH}/shape`, 'Shape', types({ T: 'float32', out_type: 'int32' }), [source]),
    int32(`${BATCH}/begin`, [1], [0]),
    int32(`${BATCH}/end`, [1], [1]),
    int32(`${BATCH}/step`, [1], [1]),
    graphNode(
      BATCH,
      'StridedSlice',
      {
        ...types({ T: 'int32', Index: 'int32' }),
        begin_mask: mask(0),
        end_mask: mask(0),
        ellipsis_mask: mask(0),
        new_axis_mask: mask(0),
        shrink_axis_mask: mask(1),
      },
      ['shape', 'begin', 'end', 'step'].map((part) => `${BATCH}/${part}`),
    ),
  ];
}

function int32(name: string, shape: readonly number[], values: readonly number[]): GraphNode {
  const constant = { dtype: 'int32', shape, values: Int32Array.from(values) };
  return graphNode(name, 'Const', constantAttributes(constant));
}

function types(names: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(names).map(([name, dtype]) => [name, typeAttribute(dtype)]),
  );
}

function differs(node: GraphNode | undefined): GraphRefusedError {
  const where = node ? `in an operation ${node.getOp()}` : 'in its operations';
  return new GraphRefusedError(
    `The generator cannot be one graph for any number of images: it depends on their number ${where}`,
    'Write `generate` without constants that are as long as the noise has rows, such as tf.zeros([rows, 1])',
  );
}
