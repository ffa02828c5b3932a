import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { ExampleShape } from '../../lib/program/example-shape.ts';
import type { ChartSpec } from '../../lib/program/metric-spec.ts';
import type {
  Parameters,
  PhaseSpec,
  Program,
  ProgramDefinition,
  Tfjs,
} from '../../lib/program/program.ts';

/** Images of two rows and three columns, in colour. */
export const COLOR_SHAPE: ExampleShape = [2, 3, 3];
const VALUES = 18;
const LATENT = 2;

const DISTANCE: ChartSpec = { id: 'distance', title: 'Distance from the data', range: [0, 1] };

/** `sigmoid(gain * (noise w + b))`. */
function paint(tf: Tfjs, { w, gain, b }: Parameters, noise: Tensor2D): Tensor2D {
  if (!w || !gain || !b) throw new Error('A tensor is missing');
  return tf.sigmoid(tf.mul<Tensor2D>(gain, tf.add(tf.matMul(noise, w as Tensor2D), b)));
}

const learn: PhaseSpec = {
  name: 'learn',
  network: 'painter',
  needsReal: true,
  lossMetric: { name: 'off', title: 'off by', reduction: 'mean', chart: DISTANCE },
  statistics: [{ name: 'brightest', title: 'brightest', reduction: 'max' }],
  loss: (tf, { painter = {} }, { noise, real }) => {
    if (!real) throw new Error('The painter needs real examples');
    const painted = paint(tf, painter, noise);
    return {
      loss: tf.mean<Scalar>(tf.square(tf.sub(painted, real))),
      statistics: [tf.max<Scalar>(painted)],
    };
  },
};

/** A program with colour images, in this file alone: one network learns what colour images have in common. */
export const colorProgram: ProgramDefinition<Record<string, never>> = {
  name: 'color',
  settings: z.strictObject({}),
  create: (): Program => ({
    networks: [
      {
        name: 'painter',
        tensors: [
          { name: 'w', shape: [LATENT, VALUES], initial: { kind: 'normal', deviation: 0.01 } },
          { name: 'gain', shape: [VALUES], initial: { kind: 'ones' } },
          { name: 'b', shape: [VALUES], initial: { kind: 'zeros' } },
        ],
      },
    ],
    phases: [learn],
    latent: LATENT,
    exampleShape: COLOR_SHAPE,
    columns: ['brightest', 'off'],
    generator: 'painter',
    generate: paint,
  }),
};
