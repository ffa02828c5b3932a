import type { Tensor } from '@tensorflow/tfjs-core';
import { attributeOf } from './attributes.ts';
import { constantAttributes, typeAttribute } from './constants.ts';
import type { DataId, Kernels, OpAttribute, OpInput } from './kernels.ts';
import {
  type AttributeValue,
  attributeProto,
  type GraphNode,
  graphNode,
  shapeProto,
} from './proto.ts';

/**
 * Types that a kernel leaves out, because TensorFlow knows them from these inputs; a graph does
 * not.
 */
const IMPLIED_TYPES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ExpandDims: { T: 0, Tdim: 1 },
};

/** An input's node and what may be fed to it. */
export interface GraphInput {
  readonly name: string;
  readonly node: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** A graph as it was recorded. Inputs that are not used are not part of it. */
export interface RecordedGraph {
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly GraphInput[];
  /** An output's node each, in the order in which they were asked for. */
  readonly outputs: readonly string[];
}

/**
 * Makes a graph of operations as they are executed. Values are identified by their data. A value
 * that is neither an input nor the result of an operation was made by JavaScript, and becomes a
 * constant.
 */
export class GraphBuilder {
  readonly #kernels: Kernels;
  readonly #nodes: GraphNode[] = [];
  readonly #inputs = new Map<string, GraphInput>(); // by node
  readonly #used = new Set<string>();
  readonly #references = new Map<DataId, string>();

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
  }

  /** @throws Error when another input has the same data: they could not be told apart */
  addInput(name: string, { dataId, dtype, shape }: Tensor): void {
    const node = `input_${this.#inputs.size}`;
    const twin = this.#inputs.get(this.#references.get(dataId) ?? '');
    if (twin) {
      throw new Error(
        `The inputs ${twin.name} and ${name} of a graph share their values: copy one`,
      );
    }
    this.#addNode(node, 'Placeholder', {
      dtype: typeAttribute(dtype),
      shape: attributeProto((value) => value.setShape(shapeProto(shape))),
    });
    this.#inputs.set(node, { name, node, dtype, shape: [...shape] });
    this.#references.set(dataId, node);
  }

  /** An operation that was executed, with its results. */
  addOperation(
    op: string,
    attributes: readonly OpAttribute[],
    inputs: readonly OpInput[],
    outputs: readonly Tensor[],
  ): void {
    const { binding } = this.#kernels;
    const references = inputs.map((input) => this.#referenceTo(input));
    const node = this.#addNode(
      `op_${this.#nodes.length}_${op}`,
      op,
      {
        ...impliedTypes(op, inputs),
        ...Object.fromEntries(attributes.map((one) => [one.name, attributeOf(binding, op, one)])),
      },
      references,
    );
    outputs.forEach(({ dataId }, i) => {
      this.#references.set(dataId, i === 0 ? node : `${node}:${i}`);
    });
  }

  /**
   * The graph that computes these. A node of its own for each: one may be an input, or come twice.
   */
  finish(outputs: readonly Tensor[]): RecordedGraph {
    const names = outputs.map((output, i) =>
      this.#addNode(`output_${i}`, 'Identity', { T: typeAttribute(output.dtype) }, [
        this.#referenceTo(output),
      ]),
    );
    const isUnused = (node: string) => this.#inputs.has(node) && !this.#used.has(node);
    return {
      nodes: this.#nodes.filter((node) => !isUnused(node.getName())),
      inputs: [...this.#inputs.values()].filter(({ node }) => !isUnused(node)),
      outputs: names,
    };
  }

  #referenceTo(input: OpInput): string {
    const known = 'dataId' in input ? this.#references.get(input.dataId) : undefined;
    const reference = known ?? this.#addConstant(input);
    this.#used.add(reference);
    return reference;
  }

  #addConstant(input: OpInput): string {
    const constant =
      'dataId' in input
        ? { ...pick(input), values: this.#kernels.readSync(input.dataId) }
        : { dtype: input.dtype, shape: [], values: input.valueArray };
    const name = `constant_${this.#nodes.length}`;
    const node = this.#addNode(name, 'Const', constantAttributes(constant));
    if ('dataId' in input) this.#references.set(input.dataId, node);
    return node;
  }

  #addNode(
    name: string,
    op: string,
    attributes: Readonly<Record<string, AttributeValue>>,
    inputs: readonly string[] = [],
  ): string {
    this.#nodes.push(graphNode(name, op, attributes, inputs));
    return name;
  }
}

function impliedTypes(op: string, inputs: readonly OpInput[]): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(IMPLIED_TYPES[op] ?? {}).map(([name, input]) => [
      name,
      typeAttribute(inputs[input]?.dtype ?? 'float32'),
    ]),
  );
}

function pick({ dtype, shape }: { dtype: string; shape: readonly number[] }) {
  return { dtype, shape };
}
