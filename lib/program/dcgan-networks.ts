import { InvalidDataError } from '../errors.ts';
import type { DcganSettings } from './dcgan-settings.ts';
import { KERNEL } from './layers/conv.ts';
import { normal, ones, zeros } from './layers/tensors.ts';
import type { NetworkSpec } from './program.ts';

const DEVIATION = 0.02;

/** The numbers that both networks are built by. */
export interface DcganForm {
  /** How often D halves an image's sides, and G doubles them. */
  readonly stages: number;
  /** Sides of the smallest layer. */
  readonly base: number;
  /** Channels of D's layers from the image inwards; G has the same the other way round. */
  readonly widths: readonly number[];
  readonly size: number;
  readonly channels: number;
  readonly latent: number;
  /** 0: not conditional. */
  readonly classes: number;
}

/** What the settings mean for the layers. */
export function dcganForm(settings: DcganSettings): DcganForm {
  const { size, channels, features, latent, conditional, classes } = settings;
  if (conditional && classes === undefined) {
    throw new InvalidDataError('A conditional dcgan needs the number of classes in its settings');
  }
  const stages = size === 64 ? 3 : 2;
  return {
    stages,
    base: size / 2 ** stages,
    widths: Array.from({ length: stages }, (_, stage) => features * 2 ** stage),
    size,
    channels,
    latent,
    classes: conditional && classes ? classes : 0,
  };
}

/** Layer i of D has the kernel `w<i>`, and a bias `b<i>`, or a gain and a shift where a norm follows. */
export function discriminatorSpec({ base, widths, channels, classes }: DcganForm): NetworkSpec {
  const inner = widths.at(-1) ?? 0;
  const convolutions = widths.flatMap((width, i) => {
    const inputs = widths[i - 1] ?? channels + classes;
    const kernel = normal(`w${i}`, [KERNEL, KERNEL, inputs, width], DEVIATION);
    return i === 0 ? [kernel, zeros('b0', [width])] : [kernel, ...affine(i, width)];
  });
  const last = widths.length;
  const verdict = [normal(`w${last}`, [base * base * inner, 1], DEVIATION), zeros(`b${last}`, [1])];
  return { name: 'D', tensors: [...convolutions, ...verdict] };
}

/** Layer 0 of G is dense; the others are transposed convolutions, the last of which draws the image. */
export function generatorSpec({ base, widths, channels, latent, classes }: DcganForm): NetworkSpec {
  const inwards = [...widths].reverse();
  const [inner = 0] = inwards;
  const values = base * base * inner;
  const project = [
    normal('w0', [latent + classes, values], DEVIATION),
    zeros('b0', [values]),
    ...affine(0, inner),
  ];
  const last = inwards.length;
  const convolutions = inwards.flatMap((inputs, i) => {
    const layer = i + 1;
    const width = inwards[layer] ?? channels;
    const kernel = normal(`w${layer}`, [KERNEL, KERNEL, width, inputs], DEVIATION);
    return layer === last
      ? [kernel, zeros(`b${layer}`, [width])]
      : [kernel, ...affine(layer, width)];
  });
  return { name: 'G', tensors: [...project, ...convolutions] };
}

function affine(layer: number, channels: number) {
  return [ones(`gain${layer}`, [channels]), zeros(`shift${layer}`, [channels])];
}
