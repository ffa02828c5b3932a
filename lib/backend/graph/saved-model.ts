import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphRefusedError } from './errors.ts';
import type { RecordedGraph } from './graph-builder.ts';
import type { Binding } from './kernels.ts';
import { proto } from './proto.ts';

const TAG = 'serve';

/** GraphDef's version, as TensorFlow 2 writes it. It decides how old operations behave. */
export const PRODUCER = 1087;

/**
 * Give TensorFlow a graph. TensorFlow reads graphs from a folder, which is removed before this
 * returns.
 *
 * @returns the loaded graph's number, for the binding
 * @throws GraphRefusedError when TensorFlow does not take it
 */
export function loadGraph(binding: Binding, graph: RecordedGraph): number {
  const folder = mkdtempSync(join(tmpdir(), `lambduel-graph-${process.pid}-`));
  try {
    writeFileSync(join(folder, 'saved_model.pb'), savedModel(graph));
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

function savedModel({ nodes }: RecordedGraph): Uint8Array {
  const { GraphDef, MetaGraphDef, SavedModel, VersionDef } = proto();
  const version = new VersionDef();
  version.setProducer(PRODUCER);
  const graph = new GraphDef();
  graph.setNodeList(nodes);
  graph.setVersions(version);
  const info = new MetaGraphDef.MetaInfoDef();
  info.addTags(TAG);
  const metaGraph = new MetaGraphDef();
  metaGraph.setGraphDef(graph);
  metaGraph.setMetaInfoDef(info);
  const model = new SavedModel();
  model.setSavedModelSchemaVersion(1);
  model.addMetaGraphs(metaGraph);
  return model.serializeBinary();
}
