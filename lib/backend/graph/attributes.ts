import { GraphRefusedError } from './errors.ts';
import type { Binding, OpAttribute } from './kernels.ts';
import {
  type AttributeList,
  type AttributeValue,
  attributeProto,
  proto,
  shapeProto,
} from './proto.ts';

type Fill = (to: AttributeValue, value: never) => void;

/**
 * An operation's attribute as a graph's node holds it: the same kinds, and lists of the same kinds,
 * as the binding takes when it executes the operation at once.
 *
 * @throws GraphRefusedError for any other kind
 */
export function attributeOf(binding: Binding, op: string, attribute: OpAttribute): AttributeValue {
  const { name, type, value } = attribute;
  const fill = fillers(binding).get(type);
  if (!fill) {
    throw new GraphRefusedError(
      `Attribute ${name} of operation ${op} is of kind ${type}, which a graph cannot be given`,
      'Write the program without this operation',
    );
  }
  return attributeProto((to) => fill(to, value as never));
}

function fillers(binding: Binding): ReadonlyMap<number, Fill> {
  return new Map<number, Fill>([
    [binding.TF_ATTR_STRING, (to, value: string) => to.setS(new TextEncoder().encode(value))],
    [binding.TF_ATTR_TYPE, (to, value: number) => to.setType(value)],
    [binding.TF_ATTR_SHAPE, (to, value: number[]) => to.setShape(shapeProto(value))],
    [
      binding.TF_ATTR_INT,
      (to, value: number | number[]) =>
        Array.isArray(value)
          ? setList(to, (list) => list.setIList(value.map(Math.trunc)))
          : to.setI(Math.trunc(value)),
    ],
    [
      binding.TF_ATTR_FLOAT,
      (to, value: number | number[]) =>
        Array.isArray(value) ? setList(to, (list) => list.setFList(value)) : to.setF(value),
    ],
    [
      binding.TF_ATTR_BOOL,
      (to, value: boolean | boolean[]) =>
        Array.isArray(value) ? setList(to, (list) => list.setBList(value)) : to.setB(value),
    ],
  ]);
}

function setList(to: AttributeValue, fill: (list: AttributeList) => void): void {
  const list = new (proto().AttrValue.ListValue)();
  fill(list);
  to.setList(list);
}
