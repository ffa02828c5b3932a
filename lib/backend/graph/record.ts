import type { Tensor } from '@tensorflow/tfjs-core';
import type { Backend } from '../backend.ts';
import { GraphRefusedError } from './errors.ts';
import { GraphBuilder, type RecordedGraph } from './graph-builder.ts';
import { type Kernels, kernelsOf } from './kernels.ts';

/** Tensors by name: what a graph is computed from. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

/** Operations whose result does not follow from their inputs alone, or that have side effects. */
const IMPURE = /^(Multinomial|Random|Stateful|Print)|SummaryWriter$/;

/** Ways to a tensor's values: all methods of a tensor that give them end at one of these. */
const READERS = ['read', 'readSync', 'readToGPU'] as const;

/**
 * Run a function once and record the operations that TensorFlow executes for it.
 *
 * @param compute must be a function of its inputs alone, made of tensor operations
 * @returns the graph, and what the function returned: new tensors, to be disposed of by the caller
 * @throws GraphRefusedError when the function does what no graph can hold
 */
export function recordGraph(
  backend: Backend,
  compute: (inputs: NamedTensors) => readonly Tensor[],
  inputs: NamedTensors,
): { graph: RecordedGraph; outputs: Tensor[] } {
  const { tf } = backend;
  const kernels = kernelsOf(backend);
  const builder = new GraphBuilder(kernels);
  const dataIds = Object.values(inputs).map(({ dataId }) => dataId);
  for (const [name, tensor] of Object.entries(inputs)) builder.addInput(name, tensor);
  let graph: RecordedGraph | undefined;
  const outputs = tf.tidy(() => {
    const refusals: unknown[] = [];
    const stopReads = watchReads(tf.engine(), refusals);
    let results: readonly Tensor[];
    try {
      const stopKernels = tapKernels(kernels, builder, refusals);
      try {
        results = compute(inputs);
      } finally {
        stopKernels();
      }
    } finally {
      stopReads();
    }
    if (refusals.length > 0) throw refusals[0];
    if (Object.values(inputs).some(({ dataId }, i) => dataId !== dataIds[i])) {
      throw inputIsAssigned();
    }
    graph = builder.finish(results);
    return results.map((tensor) => tensor.clone()); // an input, or one that comes twice, is shared
  });
  return { graph: graph as unknown as RecordedGraph, outputs };
}

/**
 * Tell the builder of every operation that is executed, until the returned function is called. An
 * operation that a graph cannot hold is executed too, and reported at the end: an error in the
 * middle of a gradient would leave tensors behind.
 */
function tapKernels(kernels: Kernels, builder: GraphBuilder, refusals: unknown[]): () => void {
  const { executeSingleOutput, executeMultipleOutputs } = kernels;
  const add = (...operation: Parameters<GraphBuilder['addOperation']>): void => {
    try {
      if (IMPURE.test(operation[0])) throw operationIsImpure(operation[0]);
      builder.addOperation(...operation);
    } catch (error) {
      refusals.push(error);
    }
  };
  return replaceMethods(kernels, {
    executeSingleOutput: (op, attributes, inputs) => {
      const output = executeSingleOutput.call(kernels, op, attributes, inputs);
      add(op, attributes, inputs, [output]);
      return output;
    },
    executeMultipleOutputs: (op, attributes, inputs, count) => {
      const outputs = executeMultipleOutputs.call(kernels, op, attributes, inputs, count);
      add(op, attributes, inputs, outputs);
      return outputs;
    },
  });
}

type Engine = ReturnType<Backend['tf']['engine']>;

/**
 * Notice when values of tensors are read. They are returned, and reported at the end: an error
 * inside a promise that nobody waits for would end the process.
 */
function watchReads(engine: Engine, refusals: unknown[]): () => void {
  const watched = READERS.map((reader) => {
    const method = engine[reader] as (...args: unknown[]) => unknown;
    const refusing = (...args: unknown[]): unknown => {
      refusals.push(valuesAreRead());
      return method.apply(engine, args);
    };
    return [reader, refusing];
  });
  return replaceMethods(engine, Object.fromEntries(watched));
}

/**
 * Put methods of an object's own before those of its class, until the returned function is called.
 */
function replaceMethods<T extends object>(target: T, methods: Partial<T>): () => void {
  const names = Object.keys(methods);
  if (names.some((name) => Object.hasOwn(target, name))) {
    throw new Error('A graph is being recorded already');
  }
  Object.assign(target, methods);
  return () => {
    for (const name of names) Reflect.deleteProperty(target, name);
  };
}

function valuesAreRead(): GraphRefusedError {
  return new GraphRefusedError(
    "A tensor's values are read (dataSync, data, arraySync, bufferSync, print or the like) where a compiled gradient is computed: they would be those of the first job for ever",
    'Compute with tensor operations instead, such as tf.where',
  );
}

function inputIsAssigned(): GraphRefusedError {
  return new GraphRefusedError(
    'A variable is assigned where a compiled gradient is computed: later jobs would not assign it',
    'Leave the networks as they are',
  );
}

function operationIsImpure(op: string): GraphRefusedError {
  return new GraphRefusedError(
    `Operation ${op} cannot be part of a compiled gradient: its result does not follow from its inputs alone`,
    'Take random numbers from the noise that a phase is given',
  );
}
