import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { PhaseSpec, Program, ProgramDefinition, Tfjs } from '../../lib/program/program.ts';

/** Pixels of an example of the tiny program. */
export const TINY_PIXELS = 2;

/**
 * A second program, as unlike the first as can be: three networks of a number or two, and four
 * phases. `center` learns the mean of the real examples, `spread` how far they are from it, and
 * `maker` to be where `center` is.
 */
export const tinyProgram: ProgramDefinition<{ pull: number }> = {
  name: 'tiny',
  settings: z.strictObject({ pull: z.number() }),
  create: ({ pull }): Program => {
    const center: PhaseSpec = {
      name: 'find',
      network: 'center',
      needsReal: true,
      lossMetric: { name: 'centerLoss', title: 'center', reduction: 'mean' },
      statistics: [{ name: 'largest', title: 'largest', reduction: 'max' }],
      loss: (tf, { center = {} }, { real }) => ({
        loss: tf.mul<Scalar>(distance(tf, real, center.at), pull),
        statistics: [tf.max<Scalar>(given(real))],
      }),
    };
    const maker: PhaseSpec = {
      name: 'make',
      network: 'maker',
      needsReal: false,
      lossMetric: { name: 'makerLoss', title: 'maker', reduction: 'mean' },
      statistics: [],
      loss: (tf, { maker = {}, center = {} }) => ({
        loss: distance(tf, maker.at, center.at),
        statistics: [],
      }),
    };
    const spread: PhaseSpec = {
      name: 'measure',
      network: 'spread',
      needsReal: true,
      lossMetric: { name: 'spreadLoss', title: 'spread', reduction: 'mean' },
      statistics: [],
      loss: (tf, { spread = {}, center = {} }, { real }) => ({
        loss: distance(tf, tf.abs(tf.sub(given(real), given(center.at))), spread.at),
        statistics: [],
      }),
    };
    return {
      networks: [
        { name: 'center', tensors: [{ name: 'at', shape: [2], initial: { kind: 'zeros' } }] },
        {
          name: 'spread',
          tensors: [{ name: 'at', shape: [1], initial: { kind: 'normal', deviation: 1 } }],
        },
        {
          name: 'maker',
          tensors: [{ name: 'at', shape: [2], initial: { kind: 'normal', deviation: 0.5 } }],
        },
      ],
      phases: [center, maker, center, spread],
      latent: 1,
      exampleShape: [1, TINY_PIXELS, 1],
      generator: 'maker',
      generate: (tf, { at }, noise) =>
        tf.sigmoid(tf.add<Tensor2D>(tf.mul(noise, 0), given(at))) as Tensor2D,
    };
  },
};

/** Mean squared distance. */
function distance(tf: Tfjs, a: Tensor | undefined, b: Tensor | undefined): Scalar {
  return tf.mean<Scalar>(tf.square(tf.sub(given(a), given(b))));
}

function given<T extends Tensor>(tensor: T | undefined): T {
  if (!tensor) throw new Error('A tensor is missing');
  return tensor;
}
