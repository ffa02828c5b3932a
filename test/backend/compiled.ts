import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Backend } from '../../lib/backend/backend.ts';
import { compileGraph } from '../../lib/backend/graph/compile.ts';
import type { NamedTensors } from '../../lib/backend/graph/record.ts';

type Compute = (inputs: NamedTensors) => readonly Tensor[];

/** What a function gives for `later` inputs as a graph that was recorded with `first`, and without. */
export function bothWays(backend: Backend, compute: Compute, first: NamedTensors, later = first) {
  const { graph, outputs } = compileGraph(backend, compute, first);
  const compiled = graph.run(later);
  const eager = backend.tf.tidy(() => compute(later).map((tensor) => tensor.clone()));
  const result = { compiled: compiled.map(plain), eager: eager.map(plain) };
  backend.tf.dispose([...outputs, ...compiled, ...eager]);
  graph.dispose();
  return result;
}

/** A tensor's type, shape and values, to be compared. */
export function plain(tensor: Tensor) {
  return { dtype: tensor.dtype, shape: tensor.shape, values: [...tensor.dataSync()] };
}

/** Graphs that TensorFlow holds. */
export function loadedGraphs({ tf }: Backend): number {
  return (tf.backend() as unknown as { getNumOfSavedModels(): number }).getNumOfSavedModels();
}

/** Folders of this process's graphs on their way to TensorFlow: none outlives a call. */
export function graphFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`lambduel-graph-${process.pid}-`));
}
