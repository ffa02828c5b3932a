import { GraphRefusedError } from './errors.ts';
import {
  type AttributeValue,
  attributeProto,
  DataType,
  proto,
  shapeProto,
  type TensorProto,
} from './proto.ts';

/** A constant's values and how they are to be read. */
export interface Constant {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: unknown;
}

/** The arrays that hold a type's values. */
const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, int64: Int32Array };

/** TensorFlow's number for a type. @throws GraphRefusedError for strings and complex numbers */
export function dataType(dtype: string): number {
  if (dtype in DataType) return DataType[dtype as keyof typeof DataType];
  throw new GraphRefusedError(
    `A tensor of type ${dtype} cannot be in a graph`,
    'Write the program with tensors of float32, int32 and bool',
  );
}

/** A type as a node's attribute. */
export function typeAttribute(dtype: string): AttributeValue {
  return attributeProto((value) => value.setType(dataType(dtype)));
}

/** The attributes of a node that is a constant. */
export function constantAttributes(constant: Constant): Record<string, AttributeValue> {
  return {
    dtype: typeAttribute(constant.dtype),
    value: attributeProto((value) => value.setTensor(constantProto(constant))),
  };
}

/**
 * A constant as a graph holds it. An array that repeats one value, as gradients often begin with,
 * is written as that value: TensorFlow repeats it.
 */
export function constantProto({ dtype, shape, values }: Constant): TensorProto {
  const message = new (proto().Tensor)();
  message.setDtype(dataType(dtype));
  message.setTensorShape(shapeProto(shape));
  const array = arrayOf(dtype, values);
  // An int64 scalar is two halves, which are not two values.
  if (dtype !== 'int64' && isUniform(array)) addValue(message, dtype, array[0] as number);
  else message.setTensorContent(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return message;
}

function arrayOf(dtype: string, values: unknown): Float32Array | Int32Array | Uint8Array {
  const expected = ARRAYS[dtype as keyof typeof ARRAYS];
  if (values instanceof expected) return values;
  throw new GraphRefusedError(
    `The values of a constant of type ${dtype} have another form in TensorFlow`,
    'Write the program without operations whose result is of type int64',
  );
}

/** Whether there are several values, all of them one ordinary number; -0 has bits of its own. */
function isUniform(array: Float32Array | Int32Array | Uint8Array): boolean {
  const [first = 0] = array;
  return array.length > 1 && !Object.is(first, -0) && array.every((value) => value === first);
}

function addValue(message: TensorProto, dtype: string, value: number): void {
  if (dtype === 'float32') message.addFloatVal(value);
  else if (dtype === 'int32') message.addIntVal(value);
  else message.addBoolVal(value !== 0);
}
