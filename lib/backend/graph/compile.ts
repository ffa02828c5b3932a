import type { Tensor } from '@tensorflow/tfjs-core';
import type { Backend } from '../backend.ts';
import type { GraphInput, RecordedGraph } from './graph-builder.ts';
import { type Kernels, kernelsOf } from './kernels.ts';
import { type NamedTensors, recordGraph } from './record.ts';
import { loadGraph } from './saved-model.ts';

/** A function of named tensors that TensorFlow computes in one call. Holds native memory. */
export interface CompiledGraph {
  /**
   * @param inputs as when it was compiled: the same names, shapes and types. Those that the function
   *   does not use need not be there.
   * @returns new tensors, which the caller disposes of
   * @throws Error when an input is missing, or has another shape or type
   */
  run(inputs: NamedTensors): Tensor[];
  /** Free it. It cannot be run afterwards. A second call does nothing. */
  dispose(): void;
}

/**
 * Compile a function of named tensors: run it once, record the operations, and give them to
 * TensorFlow as one graph. TensorFlow computes a graph faster than one operation after the other,
 * because it sees what can be fused, dropped or computed once. Tensors that the function makes of
 * JavaScript's numbers are constants of the graph; sizes are those of these inputs.
 *
 * @param compute must be a function of its inputs alone, made of tensor operations
 * @returns the graph, and what `compute` returned; both to be disposed of by the caller
 * @throws GraphRefusedError when the function does what no graph can hold
 */
export function compileGraph(
  backend: Backend,
  compute: (inputs: NamedTensors) => readonly Tensor[],
  inputs: NamedTensors,
): { graph: CompiledGraph; outputs: Tensor[] } {
  const kernels = kernelsOf(backend);
  const recorded = recordGraph(backend, compute, inputs);
  try {
    return { graph: new LoadedGraph(kernels, recorded.graph), outputs: recorded.outputs };
  } catch (error) {
    backend.tf.dispose(recorded.outputs);
    throw error;
  }
}

class LoadedGraph implements CompiledGraph {
  readonly #kernels: Kernels;
  readonly #inputs: readonly GraphInput[];
  readonly #inputNodes: { name: string }[];
  readonly #outputNodes: string[];
  #id: number | undefined;

  constructor(kernels: Kernels, graph: RecordedGraph) {
    this.#kernels = kernels;
    this.#inputs = graph.inputs;
    this.#inputNodes = graph.inputs.map(({ node }) => ({ name: `${node}:0` }));
    this.#outputNodes = graph.outputs.map((node) => `${node}:0`);
    this.#id = loadGraph(kernels.binding, graph);
  }

  run(inputs: NamedTensors): Tensor[] {
    if (this.#id === undefined) throw new Error('The graph is disposed of');
    const tensors = this.#inputs.map((expected) => matching(expected, inputs[expected.name]));
    return this.#kernels.runSavedModel(this.#id, tensors, this.#inputNodes, this.#outputNodes);
  }

  dispose(): void {
    if (this.#id !== undefined) this.#kernels.binding.deleteSavedModel(this.#id);
    this.#id = undefined;
  }
}

function matching({ name, dtype, shape }: GraphInput, tensor: Tensor | undefined): Tensor {
  const expected = `${dtype} [${shape}]`;
  const given = tensor ? `${tensor.dtype} [${tensor.shape}]` : 'missing';
  if (tensor && given === expected) return tensor;
  throw new Error(`The graph's input ${name} is ${given}; it was compiled for ${expected}`);
}
