import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { Program, Tfjs } from '../../lib/program/program.ts';
import { ProgramRegistry } from '../../lib/program/registry.ts';

type Output = (tf: Tfjs, output: Tensor2D) => Tensor;

/** A program of one network `N` of 5 by 2, with two phases of one loss: any loss. */
export function programOf(name: string, output: Output) {
  const create = (): Program => {
    const phase: Program['phases'][number] = {
      name: 'N',
      network: 'N',
      needsReal: false,
      lossMetric: { name: 'cost', title: 'cost', reduction: 'mean' },
      statistics: [],
      loss: (tf, { N = {} }, { noise }) => ({
        loss: tf.mean<Scalar>(output(tf, tf.matMul(noise, N.w as Tensor2D))),
        statistics: [],
      }),
    };
    return {
      networks: [
        {
          name: 'N',
          tensors: [
            { name: 'w', shape: [5, 2], initial: { kind: 'normal', deviation: 1 } },
            // No loss depends on it.
            { name: 'unused', shape: [1], initial: { kind: 'zeros' } },
          ],
        },
      ],
      phases: [phase, phase],
      latent: 5,
      exampleShape: [1, 2, 1],
      generator: 'N',
      generate: (tf, { w }, noise) => tf.matMul(noise, w as Tensor2D),
    };
  };
  return { name, settings: z.strictObject({}), create };
}

/** Programs whose losses can be compiled, and cannot. */
export const lossPrograms = new ProgramRegistry()
  .register(programOf('plain', (tf, output) => tf.softplus(output)))
  .register(programOf('reading', (tf, output) => tf.mul(output, output.dataSync()[0] as number)))
  .register(programOf('random', (tf, output) => tf.dropout(tf.square(output), 0.5)));
