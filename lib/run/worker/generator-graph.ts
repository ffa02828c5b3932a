import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Backend } from '../../backend/backend.ts';
import { anyBatch, type SizedGraph } from '../../backend/graph/any-batch.ts';
import { frozenGraph } from '../../backend/graph/freeze.ts';
import type { RecordedGraph } from '../../backend/graph/graph-builder.ts';
import { type NamedTensors, recordGraph } from '../../backend/graph/record.ts';
import { StreamTag } from '../../numeric/random.ts';
import type { Parameters, Program, Tfjs } from '../../program/program.ts';
import { classesOf, noiseOf } from './draw-images.ts';
import { generateImages, type TrainedGenerator, withGenerator } from './generate.ts';

/** What people call the graph's inputs and its output. */
const NAMES = { noise: 'noise', labels: 'labels', images: 'images' } as const;
/** Two numbers of images to record with: what differs between the two follows from the number. */
const ROWS = [2, 3] as const;
/** Images that an exported graph is checked with. Not one of the numbers that it is recorded with. */
const CHECKED = 5;

/** A generator as one graph: from `noise` and, where it has classes, one-hot `labels`, to `images`. */
export interface GeneratorGraph {
  readonly graph: RecordedGraph;
  /** `[-1, height, width, channels]` */
  readonly outputShape: readonly number[];
}

/**
 * Record a generator as a graph for any number of images, with its weights and standing statistics as
 * constants. Leaves no tensor behind.
 *
 * @param backend the native one
 * @throws GraphRefusedError when the program's `generate` does what no graph can hold
 */
export function generatorGraph(backend: Backend, trained: TrainedGenerator): GeneratorGraph {
  const { program } = trained;
  return withGenerator(backend.tf, trained, (generator, statistics) => {
    const constants = {
      ...prefixed(program.generator, generator),
      ...prefixed('statistics', statistics),
    };
    const [one, other] = ROWS.map((rows) => recordOf(backend, program, constants, rows));
    const graph = anyBatch(one as SizedGraph, other as SizedGraph, NAMES.noise);
    return {
      graph: frozenGraph(graph, constants, [NAMES.images]),
      outputShape: [-1, ...program.exampleShape],
    };
  });
}

/**
 * A few images, and what a graph has to draw them from.
 *
 * @returns tensors that the caller disposes of
 */
export function sampleOf(
  backend: Backend,
  trained: TrainedGenerator,
): { inputs: NamedTensors; images: Float32Array } {
  const { program } = trained;
  const images = generateImages(backend, trained, { count: CHECKED, seed: 0 });
  const noise = noiseOf(backend.tf, program, 0, StreamTag.sampleGrid, 0, CHECKED);
  const labels = classesOf(backend.tf, program, 0, CHECKED);
  return {
    images,
    inputs: { [NAMES.noise]: noise, ...(labels && { [NAMES.labels]: labels }) },
  };
}

function recordOf(
  backend: Backend,
  program: Program,
  constants: NamedTensors,
  rows: number,
): SizedGraph {
  const { tf } = backend;
  const given = inputsOf(tf, program, rows);
  const { graph, outputs } = recordGraph(backend, (inputs) => [images(tf, program, inputs)], {
    ...constants,
    ...given,
  });
  tf.dispose([outputs, given]);
  return { graph, rows };
}

function inputsOf(tf: Tfjs, { latent, wantsLabels }: Program, rows: number): NamedTensors {
  return {
    [NAMES.noise]: tf.zeros([rows, latent]),
    ...(wantsLabels && { [NAMES.labels]: tf.zeros([rows, wantsLabels.classes]) }),
  };
}

function images(tf: Tfjs, program: Program, inputs: NamedTensors): Tensor {
  const rows = program.generate(
    tf,
    withPrefix(program.generator, inputs),
    inputs[NAMES.noise] as Tensor2D,
    {
      statistics: withPrefix('statistics', inputs),
      labels: inputs[NAMES.labels] as Tensor2D | undefined,
    },
  );
  return tf.reshape(rows, [-1, ...program.exampleShape]);
}

function prefixed(prefix: string, tensors: Parameters): NamedTensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [`${prefix}.${name}`, tensor]),
  );
}

function withPrefix(prefix: string, tensors: NamedTensors): Parameters {
  return Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(`${prefix}.`))
      .map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]),
  );
}
