import type { Tensor } from '@tensorflow/tfjs-core';
import { constantAttributes } from './constants.ts';
import type { RecordedGraph } from './graph-builder.ts';
import { graphNode } from './proto.ts';

/**
 * The same graph with some inputs as constants, and with names that people know: those of its inputs, and
 * of its outputs.
 *
 * @param constants tensors of inputs that become constants
 * @param outputs a name for each output
 */
export function frozenGraph(
  graph: RecordedGraph,
  constants: Readonly<Record<string, Tensor>>,
  outputs: readonly string[],
): RecordedGraph {
  const names = new Map([
    ...graph.inputs.map(({ node, name }) => [node, name] as const),
    ...graph.outputs.map((node, i) => [node, outputs[i] ?? node] as const),
  ]);
  const renamed = (node: string) => names.get(node) ?? node;
  const nodes = graph.nodes.map((node) => {
    const name = renamed(node.getName());
    const tensor = node.getOp() === 'Placeholder' ? constants[name] : undefined;
    if (tensor) {
      const { dtype, shape } = tensor;
      return graphNode(
        name,
        'Const',
        constantAttributes({ dtype, shape, values: tensor.dataSync() }),
      );
    }
    node.setName(name);
    node.setInputList(node.getInputList().map(renamed));
    return node;
  });
  const inputs = graph.inputs.filter(({ name }) => !(name in constants));
  return {
    nodes,
    inputs: inputs.map((input) => ({ ...input, node: input.name })),
    outputs: graph.outputs.map(renamed),
  };
}
