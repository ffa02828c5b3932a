import type { Tensor } from '@tensorflow/tfjs-core';
import type { Backend } from '../backend.ts';
import { GraphRefusedError } from './errors.ts';
import { GraphBuilder, type RecordedGraph } from './graph-builder.ts';
import { type Kernels, kernelsOf, type OpInput } from './kernels.ts';

/** Tensors by name: what a graph is computed from. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

/** Operations whose result is not that of their inputs alone, or that do something beside. */
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
    const reads = watchReads(tf.engine());
    const stop = tapKernels(kernels, builder);
    let results: readonly Tensor[];
    try {
      results = compute(inputs);
    } finally {
      stop();
      reads.stop();
    }
    if (reads.count > 0) throw valuesAreRead();
    if (Object.values(inputs).some(({ dataId }, i) => dataId !== dataIds[i]))
      throw inputIsAssigned();
    graph = builder.finish(results);
    return results.map((tensor) => tensor.clone()); // an input, or one that comes twice, is shared
  });
  return { graph: graph as unknown as RecordedGraph, outputs };
}

/** Tell the builder of every operation that is executed, until the returned function is called. */
function tapKernels(kernels: Kernels, builder: GraphBuilder): () => void {
  const { executeSingleOutput, executeMultipleOutputs } = kernels;
  const requirePure = (op: string): void => {
    if (IMPURE.test(op)) throw operationIsImpure(op);
  };
  return replaceMethods(kernels, {
    executeSingleOutput: (op, attributes, inputs: OpInput[]) => {
      requirePure(op);
      const output = executeSingleOutput.call(kernels, op, attributes, inputs);
      builder.addOperation(op, attributes, inputs, [output]);
      return output;
    },
    executeMultipleOutputs: (op, attributes, inputs: OpInput[], count) => {
      requirePure(op);
      const outputs = executeMultipleOutputs.call(kernels, op, attributes, inputs, count);
      builder.addOperation(op, attributes, inputs, outputs);
      return outputs;
    },
  });
}

type Engine = ReturnType<Backend['tf']['engine']>;

/**
 * Count how often values of tensors are asked for. They are given: an error inside a promise that
 * nobody waits for would end the process.
 */
function watchReads(engine: Engine): { readonly count: number; readonly stop: () => void } {
  const watch = { count: 0, stop: () => {} };
  const counting = READERS.map((reader) => {
    const method = engine[reader] as (...args: unknown[]) => unknown;
    const counted = (...args: unknown[]): unknown => {
      watch.count++;
      return method.apply(engine, args);
    };
    return [reader, counted];
  });
  watch.stop = replaceMethods(engine, Object.fromEntries(counting));
  return watch;
}

/** Put methods of an object's own before those of its class, until the returned function is called. */
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
