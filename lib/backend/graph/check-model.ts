import type { Tensor } from '@tensorflow/tfjs-core';
import type { Backend } from '../backend.ts';
import { GraphRefusedError } from './errors.ts';
import type { RecordedGraph } from './graph-builder.ts';
import { kernelsOf } from './kernels.ts';
import type { NamedTensors } from './record.ts';
import { loadSavedModel } from './saved-model.ts';
import type { ModelFiles } from './tfjs-model.ts';

/** The largest difference of a value of an image, 0 to 1, that rounding explains. */
const TOLERANCE = 1e-4;

/** The part of the whole TensorFlow.js that loads graph models. The core does not have it. */
interface Converter {
  loadGraphModel(source: { load(): Promise<object> }): Promise<{
    readonly inputs: readonly { readonly name: string }[];
    predict(inputs: NamedTensors): Tensor;
    dispose(): void;
  }>;
}

/**
 * Load a graph model as a page does, and compare what it computes. Leaves no tensor behind.
 *
 * @param backend the native one, which has the whole TensorFlow.js
 * @throws GraphRefusedError when TensorFlow.js lacks an operation, or computes something else
 */
export async function checkTfjsModel(
  backend: Backend,
  files: ModelFiles,
  inputs: NamedTensors,
  expected: Float32Array,
): Promise<void> {
  const tf = backend.tf as Backend['tf'] & Converter;
  const model = await tf.loadGraphModel({ load: async () => artifactsOf(files) });
  let values: ArrayLike<number>;
  try {
    const names = model.inputs.map(({ name }) => name); // the graph may not use all
    const used = Object.entries(inputs).filter(([name]) => names.includes(name));
    const output = model.predict(Object.fromEntries(used));
    values = output.dataSync();
    output.dispose();
  } catch (cause) {
    throw refusal(`TensorFlow.js does not run the generator as a graph model: ${cause}`, cause);
  } finally {
    model.dispose();
  }
  requireClose('the TensorFlow.js model', values, expected);
}

/**
 * Load a SavedModel into TensorFlow, and compare what it computes. Leaves no tensor behind.
 *
 * @param bytes of `saved_model.pb`
 * @throws GraphRefusedError when TensorFlow does not take it, or computes something else
 */
export function checkSavedModel(
  backend: Backend,
  bytes: Uint8Array,
  graph: RecordedGraph,
  inputs: NamedTensors,
  expected: Float32Array,
): void {
  const kernels = kernelsOf(backend);
  const id = loadSavedModel(kernels.binding, bytes);
  try {
    const nodes = graph.inputs.map(({ node }) => ({ name: `${node}:0` }));
    const given = graph.inputs.map(({ name }) => inputs[name] as Tensor);
    const outputs = graph.outputs.map((node) => `${node}:0`);
    const [output] = kernels.runSavedModel(id, given, nodes, outputs);
    const values = (output as Tensor).dataSync();
    backend.tf.dispose(output as Tensor);
    requireClose('the SavedModel', values, expected);
  } finally {
    kernels.binding.deleteSavedModel(id);
  }
}

/** @throws GraphRefusedError when images differ by more than rounding explains */
function requireClose(what: string, values: ArrayLike<number>, expected: Float32Array): void {
  const isClose = expected.every((value, i) => Math.abs(value - (values[i] ?? NaN)) <= TOLERANCE);
  if (values.length === expected.length && isClose) return;
  throw refusal(`${what} draws other images than the generator does`);
}

function refusal(message: string, cause?: unknown): GraphRefusedError {
  return new GraphRefusedError(
    message,
    'Write `generate` as a function of its inputs alone, without the operation that is named',
    cause,
  );
}

/** A model's files as TensorFlow.js has them in memory. */
function artifactsOf(files: ModelFiles): object {
  const { modelTopology, signature, weightsManifest } = JSON.parse(
    new TextDecoder().decode(files.get('model.json')),
  );
  const [{ paths, weights }] = weightsManifest;
  const data = Buffer.concat(paths.map((path: string) => files.get(path)));
  const weightData = new Uint8Array(data).buffer;
  return { format: 'graph-model', modelTopology, signature, weightSpecs: weights, weightData };
}
