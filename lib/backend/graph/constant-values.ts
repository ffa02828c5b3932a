import { GraphRefusedError } from './errors.ts';
import { DataType, type GraphNode, type TensorProto } from './proto.ts';

/** A constant of a graph, of a type that TensorFlow.js has. */
export interface ConstantValues {
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array | Uint8Array;
}

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** The values of a node that is a constant: what `constantProto` wrote, read back. */
export function constantValues(node: GraphNode): ConstantValues {
  const tensor = node.getAttrMap().get('value')?.getTensor();
  if (!tensor) throw new Error(`Node ${node.getName()} is no constant`);
  const dtype = dtypeOf(tensor);
  const shape = tensor
    .getTensorShape()
    .getDimList()
    .map((dimension) => dimension.getSize());
  const size = shape.reduce((product, length) => product * length, 1);
  const content = tensor.getTensorContent_asU8();
  if (content.length > 0 || size === 0) {
    const bytes = content.slice(); // aligned
    return { dtype, shape, values: new ARRAYS[dtype](bytes.buffer) };
  }
  const [value] = [
    ...tensor.getFloatValList(),
    ...tensor.getIntValList(),
    ...tensor.getBoolValList().map(Number),
  ];
  return { dtype, shape, values: new ARRAYS[dtype](size).fill(value ?? 0) };
}

function dtypeOf(tensor: TensorProto): ConstantValues['dtype'] {
  for (const dtype of ['float32', 'int32', 'bool'] as const) {
    if (DataType[dtype] === tensor.getDtype()) return dtype;
  }
  throw new GraphRefusedError(
    'The graph has a constant of a type that TensorFlow.js does not have',
    'Write the program without operations whose result is of type int64',
  );
}
