import { loadBackend } from '../lib/backend/load.ts';
import { DatasetCache } from '../lib/data/dataset.ts';
import { StreamTag } from '../lib/numeric/random.ts';
import { builtInPrograms } from '../lib/program/built-in.ts';
import type { RunConfig } from '../lib/run/record/config.ts';
import { averageFile, checkpointKeys } from '../lib/run/record/keys.ts';
import { runClassifier } from '../lib/run/worker/classifier.ts';
import { generateImages, generatorLayout } from '../lib/run/worker/generate.ts';
import { classifierOf } from '../lib/run/worker/stored-classifier.ts';
import { frechetDistance } from '../lib/score/frechet.ts';
import type { Store } from '../lib/store/store.ts';
import { decodeParameters } from '../lib/wire/parameters.ts';

/** The Frechet distance of the generator of a checkpoint. @param prefix of the checkpoint's keys */
export type Scorer = (prefix: string) => Promise<number>;

/**
 * Scores checkpoints of a run as its own score job would, by the same images and the same classifier,
 * but the Frechet distance alone: the other scores of a job take twenty times as long.
 *
 * The first scorer of a store trains the classifier.
 */
export async function openScorer(store: Store, config: RunConfig): Promise<Scorer> {
  const backend = await loadBackend('native', config.threads);
  const { tf } = backend;
  const dataset = await new DatasetCache(store).load(config.dataset);
  const { block, classes } = await classifierOf(store, tf, dataset);
  const program = builtInPrograms().create(config.program);
  const { exampleShape: shape, generator } = program;
  const featuresOf = (images: Float32Array) =>
    runClassifier(tf, block, classes, images, shape).features;
  const every = Uint32Array.from({ length: dataset.examples }, (_, i) => i);
  const real = featuresOf(dataset.gather(every));
  const file = config.emaHalfLife > 0 ? averageFile(generator) : generator;
  const { seed, scoreCount: count } = config;
  return async (prefix) => {
    const key = checkpointKeys.file(prefix, file);
    const { bytes } = await store.get(key);
    const parameters = decodeParameters(generatorLayout(program), bytes, key);
    const drawing = { count, seed, tag: StreamTag.scoredImages };
    const images = generateImages(backend, { program, parameters, seed }, drawing);
    return frechetDistance(featuresOf(images), real);
  };
}
