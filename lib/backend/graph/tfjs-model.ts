import { constantValues } from './constant-values.ts';
import type { RecordedGraph } from './graph-builder.ts';
import { type AttributeValue, DataType, type GraphNode, type Shape, ValueCase } from './proto.ts';
import { PRODUCER } from './saved-model.ts';

/** Bytes of a file of weights, so that browsers can cache each: what TensorFlow's own converter writes. */
const SHARD_BYTES = 4 * 1024 * 1024;

/** The files of a TensorFlow.js graph model, by name. `model.json` names the others. */
export type ModelFiles = ReadonlyMap<string, Uint8Array>;

/** A type as the protocol buffers' JSON form has it. */
const TYPE_NAMES = new Map<number, string>([
  [DataType.float32, 'DT_FLOAT'],
  [DataType.int32, 'DT_INT32'],
  [DataType.int64, 'DT_INT64'],
  [DataType.bool, 'DT_BOOL'],
]);

/**
 * A graph as TensorFlow.js loads it with `tf.loadGraphModel`: the graph as JSON, and the values of its
 * constants as files beside it.
 *
 * @param outputs the shapes of the graph's outputs, -1 where any size is possible
 */
export function tfjsModel(
  graph: RecordedGraph,
  outputs: readonly (readonly number[])[],
): ModelFiles {
  const constants = graph.nodes
    .filter((node) => node.getOp() === 'Const')
    .map((node) => ({ name: node.getName(), ...constantValues(node) }));
  const shards = shardsOf(
    constants.map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
  );
  const paths = shards.map((_, i) => `group1-shard${i + 1}of${shards.length}.bin`);
  const model = {
    format: 'graph-model',
    generatedBy: 'Lambduel',
    convertedBy: null,
    signature: {
      inputs: Object.fromEntries(
        graph.inputs.map(({ name, dtype, shape }) => [name, tensorInfo(name, dtype, shape)]),
      ),
      outputs: Object.fromEntries(
        graph.outputs.map((name, i) => [name, tensorInfo(name, 'float32', outputs[i] ?? [])]),
      ),
    },
    modelTopology: { node: graph.nodes.map(nodeJson), versions: { producer: PRODUCER } },
    weightsManifest: [
      { paths, weights: constants.map(({ name, shape, dtype }) => ({ name, shape, dtype })) },
    ],
  };
  return new Map([
    ['model.json', new TextEncoder().encode(JSON.stringify(model))],
    ...shards.map((shard, i) => [paths[i] as string, shard] as const),
  ]);
}

function shardsOf(values: readonly Buffer[]): Uint8Array[] {
  const all = Buffer.concat(values);
  const count = Math.max(1, Math.ceil(all.length / SHARD_BYTES));
  return Array.from({ length: count }, (_, i) =>
    all.subarray(i * SHARD_BYTES, (i + 1) * SHARD_BYTES),
  );
}

function tensorInfo(name: string, dtype: string, shape: readonly number[]) {
  return {
    name: `${name}:0`,
    dtype: TYPE_NAMES.get(DataType[dtype as keyof typeof DataType]),
    tensorShape: { dim: shape.map((size) => ({ size: `${size}` })) },
  };
}

/** The values of a constant are in the files of weights. */
function nodeJson(node: GraphNode) {
  const attr: Record<string, unknown> = {};
  node.getAttrMap().forEach((value, name) => {
    if (value.getValueCase() !== ValueCase.tensor) attr[name] = attributeJson(value);
  });
  return { name: node.getName(), op: node.getOp(), input: node.getInputList(), attr };
}

/** An attribute in the JSON form of protocol buffers: 64-bit numbers are texts, bytes are base64. */
function attributeJson(value: AttributeValue): unknown {
  switch (value.getValueCase()) {
    case ValueCase.string:
      return { s: value.getS_asB64() };
    case ValueCase.int:
      return { i: `${value.getI()}` };
    case ValueCase.float:
      return { f: value.getF() };
    case ValueCase.bool:
      return { b: value.getB() };
    case ValueCase.type:
      return { type: TYPE_NAMES.get(value.getType()) };
    case ValueCase.shape:
      return { shape: shapeJson(value.getShape()) };
    default: {
      const [i, f, b] = [
        value.getList().getIList(),
        value.getList().getFList(),
        value.getList().getBList(),
      ];
      return {
        list: {
          ...(i.length && { i: i.map(String) }),
          ...(f.length && { f }),
          ...(b.length && { b }),
        },
      };
    }
  }
}

function shapeJson(shape: Shape) {
  return { dim: shape.getDimList().map((dimension) => ({ size: `${dimension.getSize()}` })) };
}
