import type { Backend } from '../backend/backend.ts';
import { chooseBackend } from '../backend/choose.ts';
import { checkSavedModel, checkTfjsModel } from '../backend/graph/check-model.ts';
import { GraphRefusedError } from '../backend/graph/errors.ts';
import { savedModel } from '../backend/graph/saved-model.ts';
import { type ModelFiles, tfjsModel } from '../backend/graph/tfjs-model.ts';
import { loadBackend } from '../backend/load.ts';
import { LambduelError } from '../errors.ts';
import { type GeneratorGraph, generatorGraph, sampleOf } from '../run/worker/generator-graph.ts';
import { type GeneratorOptions, readGenerator } from './read-generator.ts';

/** A folder's files, and what they are. */
export interface Exported {
  readonly files: ModelFiles;
  readonly what: string;
}

/** Makes a form's files of a recorded generator, and checks that they draw the same images. */
type Form = (
  backend: Backend,
  recorded: GeneratorGraph,
  sample: ReturnType<typeof sampleOf>,
) => Promise<Exported>;

const toTfjs: Form = async (backend, { graph, outputShape }, { inputs, images }) => {
  const files = tfjsModel(graph, [outputShape]);
  await checkTfjsModel(backend, files, inputs, images);
  return { files, what: 'TensorFlow.js graph model' };
};

const toSavedModel: Form = async (backend, { graph, outputShape }, { inputs, images }) => {
  const bytes = savedModel(graph, [outputShape]);
  checkSavedModel(backend, bytes, graph, inputs, images);
  return { files: new Map([['saved_model.pb', bytes]]), what: 'SavedModel' };
};

const FORMS = { tfjs: toTfjs, savedmodel: toSavedModel } as const;

/** A form that a generator is exported in: a TensorFlow.js graph model, or TensorFlow's SavedModel. */
export type GeneratorForm = keyof typeof FORMS;

/**
 * A generator in these forms, each of which draws the same images as `generate`. It is recorded once.
 *
 * @returns one for each form, in their order
 * @throws LambduelError when the native backend is missing, or no graph can hold the generator
 */
export async function exportGenerator(
  source: string,
  options: GeneratorOptions,
  forms: readonly GeneratorForm[],
): Promise<Exported[]> {
  const generator = await readGenerator(source, options);
  requireNative();
  const backend = await loadBackend('native', 1);
  try {
    const sample = sampleOf(backend, generator);
    const recorded = generatorGraph(backend, generator);
    const made: Exported[] = [];
    for (const form of forms) {
      const { files, what } = await FORMS[form](backend, recorded, sample);
      made.push({ files, what: `${what} of ${generator.name}` });
    }
    backend.tf.dispose(sample.inputs);
    return made;
  } catch (cause) {
    if (!(cause instanceof GraphRefusedError)) throw cause;
    throw new LambduelError(`The generator cannot be exported: ${cause.message}`, {
      cause,
      hint: `${cause.remedy}.`,
    });
  }
}

function requireNative(): void {
  if (chooseBackend('auto') === 'native') return;
  throw new LambduelError('A generator is exported by the native backend, which is not installed', {
    hint: 'See what is missing with `lambduel doctor`.',
  });
}
