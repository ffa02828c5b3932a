import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataType } from './constants.ts';
import { GraphRefusedError } from './errors.ts';
import type { RecordedGraph } from './graph-builder.ts';
import type { Binding } from './kernels.ts';
import { proto, shapeProto } from './proto.ts';

const TAG = 'serve';
/** The signature that tools use when none is named. */
const SIGNATURE = 'serving_default';

/** GraphDef's version, as TensorFlow 2 writes it. It decides how old operations behave. */
export const PRODUCER = 1087;

/**
 * Give TensorFlow a graph.
 *
 * @returns and throws as {@link loadSavedModel}
 */
export function loadGraph(binding: Binding, graph: RecordedGraph): number {
  return loadSavedModel(binding, savedModel(graph));
}

/**
 * Give TensorFlow a SavedModel. TensorFlow reads graphs from a folder, which is removed before this
 * returns.
 *
 * @param bytes of `saved_model.pb`
 * @returns the loaded graph's number, for the binding
 * @throws GraphRefusedError when TensorFlow does not take it
 */
export function loadSavedModel(binding: Binding, bytes: Uint8Array): number {
  const folder = mkdtempSync(join(tmpdir(), `lambduel-graph-${process.pid}-`));
  try {
    writeFileSync(join(folder, 'saved_model.pb'), bytes);
    return load(binding, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function load(binding: Binding, folder: string): number {
  try {
    return binding.loadSavedModel(folder, TAG);
  } catch (cause) {
    throw new GraphRefusedError(
      `TensorFlow does not take the program's operations as a graph: ${String(cause)}`,
      'Write the program without the operation that it names',
      cause,
    );
  }
}

/**
 * A graph as TensorFlow's SavedModel: the content of `saved_model.pb`. Its constants are in the graph.
 *
 * @param outputs for the signature that Python's TensorFlow calls: the shapes of the graph's outputs, -1 where
 *   any size is possible. Default: no signature
 */
export function savedModel(
  graph: RecordedGraph,
  outputs?: readonly (readonly number[])[],
): Uint8Array {
  const { nodes } = graph;
  const { GraphDef, MetaGraphDef, SavedModel, VersionDef } = proto();
  const version = new VersionDef();
  version.setProducer(PRODUCER);
  const definition = new GraphDef();
  definition.setNodeList(nodes);
  definition.setVersions(version);
  const info = new MetaGraphDef.MetaInfoDef();
  info.addTags(TAG);
  const metaGraph = new MetaGraphDef();
  metaGraph.setGraphDef(definition);
  metaGraph.setMetaInfoDef(info);
  if (outputs) metaGraph.getSignatureDefMap().set(SIGNATURE, signatureOf(graph, outputs));
  const model = new SavedModel();
  model.setSavedModelSchemaVersion(1);
  model.addMetaGraphs(metaGraph);
  return model.serializeBinary();
}

function signatureOf(graph: RecordedGraph, outputs: readonly (readonly number[])[]): object {
  const signature = new (proto().SignatureDef)();
  signature.setMethodName('tensorflow/serving/predict');
  for (const { name, node, dtype, shape } of graph.inputs) {
    signature.getInputsMap().set(name, tensorInfo(node, dtype, shape));
  }
  graph.outputs.forEach((node, i) => {
    signature.getOutputsMap().set(node, tensorInfo(node, 'float32', outputs[i] ?? []));
  });
  return signature;
}

function tensorInfo(node: string, dtype: string, shape: readonly number[]): object {
  const info = new (proto().TensorInfo)();
  info.setName(`${node}:0`);
  info.setDtype(dataType(dtype));
  info.setTensorShape(shapeProto(shape));
  return info;
}
