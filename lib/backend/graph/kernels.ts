import type { KernelBackend, Tensor } from '@tensorflow/tfjs-core';
import type { Backend } from '../backend.ts';
import { GraphRefusedError } from './errors.ts';

/** Identifies the data of a TensorFlow tensor: tensors with the same one have the same values. */
export type DataId = object;

/** An attribute of an operation, as a kernel gives it: its kind is one of the binding's numbers. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** A scalar that only TensorFlow knows: two halves, the lower one first. */
export interface Int64Scalar {
  readonly dtype: 'int64';
  readonly valueArray: Int32Array;
}

/** The inputs of an operation. */
export type OpInput = Pick<Tensor, 'dataId' | 'dtype' | 'shape'> | Int64Scalar;

/** The part of `@tensorflow/tfjs-node`'s binding to TensorFlow that graphs need. */
export interface Binding {
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  /** @throws Error when TensorFlow cannot make a session of the folder's graph */
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  getNumOfSavedModels(): number;
}

/** The part of `@tensorflow/tfjs-node`'s backend that graphs need: all its kernels end here. */
export interface Kernels extends KernelBackend {
  readonly binding: Binding;
  executeSingleOutput(op: string, attributes: OpAttribute[], inputs: OpInput[]): Tensor;
  executeMultipleOutputs(
    op: string,
    attributes: OpAttribute[],
    inputs: OpInput[],
    outputs: number,
  ): Tensor[];
  runSavedModel(
    id: number,
    inputs: Tensor[],
    inputNodes: { readonly name: string }[],
    outputNodes: string[],
  ): Tensor[];
}

/** The kernels of a native backend. @throws GraphRefusedError when it is another */
export function kernelsOf({ name, tf }: Backend): Kernels {
  if (name !== 'native') {
    throw new GraphRefusedError(
      `Compiled gradients need the native backend, and this worker has ${name}`,
      'Use --backend native',
    );
  }
  return tf.backend() as Kernels;
}
