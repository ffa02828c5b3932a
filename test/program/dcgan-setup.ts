import type { Variable } from '@tensorflow/tfjs-core';
import { normals, StreamTag, streamKey, uniforms } from '../../lib/numeric/random.ts';
import { dcgan } from '../../lib/program/dcgan.ts';
import { type DcganSettings, dcganDefaults } from '../../lib/program/dcgan-settings.ts';
import { networkLayout, networkOf } from '../../lib/program/network.ts';
import type { Parameters, Program, Tfjs } from '../../lib/program/program.ts';
import type { Batch, Form, Tensors } from './reference-dcgan.ts';

/** A `dcgan` with weights at which nothing is symmetric, for the program and for the reference. */
export interface Dcgan {
  readonly form: Form;
  readonly program: Program;
  /** Parameter blocks by network. */
  readonly blocks: Readonly<Record<string, Float32Array>>;
}

export function makeDcgan(change: Partial<DcganSettings>): Dcgan {
  const settings: DcganSettings = { ...dcganDefaults, latent: 5, features: 2, ...change };
  const program = dcgan.create(settings);
  const blocks = Object.fromEntries(
    program.networks.map((network, i) => {
      const { size } = networkLayout(network);
      return [network.name, normals(streamKey(9, StreamTag.initialWeights, i), 0, 1, size, 0.3)];
    }),
  );
  const { size, channels, features, latent, conditional, classes = 0 } = settings;
  const form = { size, channels, features, latent, classes: conditional ? classes : 0 };
  return { form, program, blocks };
}

/** A batch of the form, with classes that do not come in turn. */
export function makeBatch({ latent, size, channels, classes }: Form, examples: number): Batch {
  const labels = (shift: number) =>
    classes === 0 ? [] : Array.from({ length: examples }, (_, i) => (i * i + shift) % classes);
  const noise = normals(streamKey(9, StreamTag.noise, 0), 0, examples, latent);
  const values = size * size * channels;
  const real = uniforms(streamKey(9, StreamTag.realExamples, 0), 0, examples, values);
  return {
    examples,
    noise: Float64Array.from(noise),
    real: Float64Array.from(real, Math.fround),
    realLabels: labels(0),
    fakeLabels: labels(1),
  };
}

/** A network's tensors in float64, as views of one block that can be changed. */
export function tensorsOf({ program }: Dcgan, network: string, block: Float64Array): Tensors {
  const spec = networkOf(program, network);
  return Object.fromEntries(
    networkLayout(spec).tensors.map(({ offset, size }, i) => [
      spec.tensors[i]?.name ?? '',
      block.subarray(offset, offset + size),
    ]),
  );
}

/** A network as variables. To be disposed of by the caller. */
export function variables(tf: Tfjs, { program, blocks }: Dcgan, network: string): Parameters {
  const spec = networkOf(program, network);
  const made = networkLayout(spec).tensors.map(({ shape, offset, size }, i) => {
    const value = tf.tensor(blocks[network]?.subarray(offset, offset + size) ?? [], [...shape]);
    const variable: Variable = tf.variable(value);
    value.dispose();
    return [spec.tensors[i]?.name ?? '', variable];
  });
  return Object.fromEntries(made);
}
