import { chooseBackend } from '../backend/choose.ts';
import { checkTfjsModel } from '../backend/graph/check-model.ts';
import { GraphRefusedError } from '../backend/graph/errors.ts';
import { type ModelFiles, tfjsModel } from '../backend/graph/tfjs-model.ts';
import { loadBackend } from '../backend/load.ts';
import { LambduelError } from '../errors.ts';
import { generatorGraph, sampleOf } from '../run/worker/generator-graph.ts';
import { type GeneratorOptions, readGenerator } from './read-generator.ts';

/** A folder's files, and what they are. */
export interface Exported {
  readonly files: ModelFiles;
  readonly what: string;
}

/**
 * A generator as a TensorFlow.js graph model. What is returned draws the same images as `generate`.
 *
 * @throws LambduelError when the native backend is missing, or no graph can hold the generator
 */
export async function exportGenerator(
  source: string,
  options: GeneratorOptions,
): Promise<Exported> {
  const generator = await readGenerator(source, options);
  if (chooseBackend('auto') !== 'native') {
    throw new LambduelError(
      'A generator is exported by the native backend, which is not installed',
      {
        hint: 'See what is missing with `lambduel doctor`.',
      },
    );
  }
  const backend = await loadBackend('native', 1);
  try {
    const { graph, outputShape } = generatorGraph(backend, generator);
    const files = tfjsModel(graph, [outputShape]);
    const { inputs, images } = sampleOf(backend, generator);
    await checkTfjsModel(backend, files, inputs, images).finally(() => backend.tf.dispose(inputs));
    return { files, what: `TensorFlow.js graph model of ${generator.name}` };
  } catch (cause) {
    if (!(cause instanceof GraphRefusedError)) throw cause;
    throw new LambduelError(`The generator cannot be exported: ${cause.message}`, {
      cause,
      hint: `${cause.remedy}.`,
    });
  }
}
