import { createRequire } from 'node:module';

/** TensorFlow's numbers for types of values. */
export const DataType = { float32: 1, int32: 3, int64: 9, bool: 10 } as const;

export interface Shape {
  addDim(dimension: { setSize(size: number): void }): void;
  getDimList(): { getSize(): number }[];
}

export interface TensorProto {
  setDtype(type: number): void;
  setTensorShape(shape: Shape): void;
  setTensorContent(bytes: Uint8Array): void;
  getDtype(): number;
  getTensorShape(): Shape;
  getTensorContent_asU8(): Uint8Array;
  getFloatValList(): number[];
  getIntValList(): number[];
  getBoolValList(): boolean[];
  addFloatVal(value: number): void;
  addIntVal(value: number): void;
  addBoolVal(value: boolean): void;
}

export interface AttributeList {
  setIList(values: readonly number[]): void;
  setFList(values: readonly number[]): void;
  setBList(values: readonly boolean[]): void;
  getIList(): number[];
  getFList(): number[];
  getBList(): boolean[];
}

export interface AttributeValue {
  setS(value: Uint8Array): void;
  setI(value: number): void;
  setF(value: number): void;
  setB(value: boolean): void;
  setType(value: number): void;
  setShape(value: Shape): void;
  setTensor(value: TensorProto): void;
  setList(value: AttributeList): void;
  /** Which of the kinds it is, as {@link ValueCase} numbers them. */
  getValueCase(): number;
  getS_asB64(): string;
  getI(): number;
  getF(): number;
  getB(): boolean;
  getType(): number;
  getShape(): Shape;
  getTensor(): TensorProto;
  getList(): AttributeList;
  serializeBinary(): Uint8Array;
}

/** The kinds of attributes, by the number of their field. */
export const ValueCase = {
  list: 1,
  string: 2,
  int: 3,
  float: 4,
  bool: 5,
  type: 6,
  shape: 7,
  tensor: 8,
} as const;

export interface GraphNode {
  getName(): string;
  setName(name: string): void;
  getOp(): string;
  setOp(op: string): void;
  getInputList(): string[];
  setInputList(inputs: readonly string[]): void;
  getAttrMap(): {
    set(name: string, value: AttributeValue): void;
    get(name: string): AttributeValue | undefined;
    forEach(visit: (value: AttributeValue, name: string) => void): void;
  };
  serializeBinary(): Uint8Array;
}

/** The protobuf classes of a SavedModel, as far as a graph of operations needs them. */
export interface Proto {
  readonly TensorShape: (new () => Shape) & {
    readonly Dim: new () => { setSize(size: number): void };
  };
  readonly Tensor: new () => TensorProto;
  readonly AttrValue: (new () => AttributeValue) & { readonly ListValue: new () => AttributeList };
  readonly NodeDef: new () => GraphNode;
  readonly VersionDef: new () => { setProducer(version: number): void };
  readonly GraphDef: new () => {
    setNodeList(nodes: readonly GraphNode[]): void;
    setVersions(version: object): void;
  };
  readonly MetaGraphDef: (new () => {
    setGraphDef(graph: object): void;
    setMetaInfoDef(info: object): void;
    getSignatureDefMap(): { set(name: string, signature: object): void };
  }) & { readonly MetaInfoDef: new () => { addTags(tag: string): void } };
  readonly TensorInfo: new () => {
    setName(name: string): void;
    setDtype(type: number): void;
    setTensorShape(shape: Shape): void;
  };
  readonly SignatureDef: new () => {
    setMethodName(name: string): void;
    getInputsMap(): { set(name: string, info: object): void };
    getOutputsMap(): { set(name: string, info: object): void };
  };
  readonly SavedModel: new () => {
    setSavedModelSchemaVersion(version: number): void;
    addMetaGraphs(graph: object): void;
    serializeBinary(): Uint8Array;
  };
}

let loaded: Proto | undefined;

/** The classes, which `@tensorflow/tfjs-node` ships to read SavedModels. */
export function proto(): Proto {
  loaded ??= createRequire(import.meta.url)('@tensorflow/tfjs-node/dist/proto/api_pb.js') as Proto;
  return loaded;
}

/** A shape as a message. */
export function shapeProto(shape: readonly number[]): Shape {
  const message = new (proto().TensorShape)();
  for (const size of shape) {
    const dimension = new (proto().TensorShape.Dim)();
    dimension.setSize(size);
    message.addDim(dimension);
  }
  return message;
}

/** A node of a graph. */
export function graphNode(
  name: string,
  op: string,
  attributes: Readonly<Record<string, AttributeValue>>,
  inputs: readonly string[] = [],
): GraphNode {
  const node = new (proto().NodeDef)();
  node.setName(name);
  node.setOp(op);
  node.setInputList(inputs);
  for (const [key, value] of Object.entries(attributes)) node.getAttrMap().set(key, value);
  return node;
}

/** A new attribute value, filled by `fill`. */
export function attributeProto(fill: (value: AttributeValue) => void): AttributeValue {
  const value = new (proto().AttrValue)();
  fill(value);
  return value;
}
