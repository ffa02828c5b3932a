import { beforeAll, describe, expect, it } from 'vitest';
import { shardGradient } from '../../lib/backend/gradient.ts';
import { loadBackend } from '../../lib/backend/load.ts';
import { normals, StreamTag, streamKey } from '../../lib/numeric/random.ts';
import { networkLayout, networkOf } from '../../lib/program/network.ts';
import type { PhaseSpec, Tfjs } from '../../lib/program/program.ts';
import type { BackendName } from '../../lib/run/record/config.ts';
import { drawImages, standingStatistics } from '../../lib/run/worker/draw-images.ts';
import { oneHot } from '../../lib/run/worker/labels.ts';
import { largestOf } from '../support/arrays.ts';
import { type Dcgan, makeBatch, makeDcgan, tensorsOf, variables } from './dcgan-setup.ts';
import { paint, referenceD, referenceG, standing, standingNorm } from './reference-dcgan.ts';

/** Of the parameters, in float64: so small that hardly any unit changes its side of zero. */
const STEP = 1e-7;

const CASES = [
  { title: 'grey, 28, two groups', examples: 64, settings: {} },
  {
    title: 'colour, 32, conditional',
    examples: 32,
    settings: { size: 32, channels: 3, conditional: true, classes: 3 },
  },
  { title: 'grey, 64', examples: 32, settings: { size: 64, features: 1 } },
] as const;

/** Losses, gradients and drawn images of `dcgan` on one backend, against the reference. */
export function describeDcgan(name: BackendName): void {
  let tf: Tfjs;
  beforeAll(async () => {
    ({ tf } = await loadBackend(name, 1));
  });

  describe.each(CASES)(`${name}: dcgan, $title`, ({ settings, examples }) => {
    const gan = makeDcgan(settings);

    it.each(['D', 'G'])(
      'has the loss, statistics and gradient of the reference in phase %s',
      (phaseName) => {
        // Prepare
        const phase = gan.program.phases.find((one) => one.name === phaseName) as PhaseSpec;
        const batch = makeBatch(gan.form, examples);
        const blocks = {
          D: Float64Array.from(gan.blocks.D ?? []),
          G: Float64Array.from(gan.blocks.G ?? []),
        };
        const reference = () =>
          (phaseName === 'D' ? referenceD : referenceG)(
            gan.form,
            tensorsOf(gan, 'D', blocks.D),
            tensorsOf(gan, 'G', blocks.G),
            batch,
          );
        // Act
        const { gradient, statistics } = computed(gan, phase, examples);
        // Assess
        const { loss, ...others } = reference();
        const expected: Record<string, number> = { [phase.lossMetric.name]: loss, ...others };
        expect(Object.keys(statistics).sort()).toEqual(Object.keys(expected).sort());
        for (const [metric, value] of Object.entries(statistics)) {
          expect(value / (expected[metric] as number), metric).toBeCloseTo(1, 4);
        }
        const block = blocks[phaseName as 'D' | 'G'];
        expect(gradient).toHaveLength(block.length);
        for (const { name: tensor, part, direction } of directionsOf(gan, phaseName, block)) {
          const start = part.slice();
          const along = (step: number) => {
            direction.forEach((way, i) => {
              part[i] = (start[i] as number) + step * way;
            });
            return reference().loss;
          };
          const difference = (along(STEP) - along(-STEP)) / (2 * STEP);
          part.set(start);
          const offset = part.byteOffset / part.BYTES_PER_ELEMENT;
          const slope = direction.reduce(
            (sum, way, i) => sum + way * (gradient[offset + i] as number),
            0,
          );
          expect(Math.abs(slope - difference), `${tensor}: ${difference}`).toBeLessThan(
            1e-3 * Math.abs(difference) + 2e-5 * largestOf(gradient),
          );
        }
      },
    );

    it('draws images by the mean of the moments that 32 groups of fixed noise have', () => {
      // Prepare
      const generator = variables(tf, gan, 'G');
      const { classes, latent } = gan.form;
      const noise = (tag: StreamTag, count: number, seed: number) =>
        Float64Array.from(normals(streamKey(seed, tag, 0), 0, count, latent));
      const inTurn = (count: number) =>
        classes === 0 ? [] : Array.from({ length: count }, (_, i) => i % classes);
      const G = tensorsOf(gan, 'G', Float64Array.from(gan.blocks.G ?? []));
      const tensors = tf.memory().numTensors;
      // Act
      const statistics = standingStatistics(tf, gan.program, generator, 4);
      const images = drawImages(tf, gan.program, generator, { count: 5, seed: 7, statistics });
      // Assess
      const fixed = { examples: 1024, noise: noise(StreamTag.standingStatistics, 1024, 4) };
      const moments = standing(gan.form, G, fixed, inTurn(1024));
      moments.forEach(({ mean, variance }, layer) => {
        expect(furthest(mean, statistics[`mean${layer}`]?.dataSync())).toBeLessThan(1e-4);
        expect(furthest(variance, statistics[`variance${layer}`]?.dataSync())).toBeLessThan(1e-4);
      });
      expect(Object.keys(statistics)).toHaveLength(2 * moments.length);
      const drawn = { examples: 5, noise: noise(StreamTag.sampleGrid, 5, 7) };
      const expected = paint(gan.form, G, drawn, inTurn(5), standingNorm(moments));
      expect(furthest(expected.at, images)).toBeLessThan(1e-4);
      tf.dispose(statistics);
      expect(tf.memory().numTensors).toBe(tensors);
      tf.dispose(Object.values(generator));
    });
  });

  function computed(gan: Dcgan, phase: PhaseSpec, examples: number) {
    const before = tf.memory().numTensors;
    const batch = makeBatch(gan.form, examples);
    const { latent, size, channels, classes } = gan.form;
    const rows = (labels: readonly number[]) =>
      classes > 0 ? oneHot(tf, labels, classes) : undefined;
    const inputs = {
      noise: tf.tensor2d(Float32Array.from(batch.noise), [examples, latent]),
      real: phase.needsReal
        ? tf.tensor2d(Float32Array.from(batch.real), [examples, size * size * channels])
        : undefined,
      realLabels: phase.needsReal ? rows(batch.realLabels) : undefined,
      fakeLabels: rows(batch.fakeLabels),
    };
    const networks = { D: variables(tf, gan, 'D'), G: variables(tf, gan, 'G') };
    const result = shardGradient(tf, phase, networks, inputs);
    for (const tensor of Object.values(inputs)) tensor?.dispose();
    for (const network of Object.values(networks)) tf.dispose(Object.values(network));
    expect(tf.memory().numTensors).toBe(before);
    return result;
  }
}

/** Of each of a network's tensors its part of the block, and a direction in which all of it changes. */
function directionsOf({ program }: Dcgan, network: string, block: Float64Array) {
  return networkLayout(networkOf(program, network)).tensors.map(({ name, offset, size }, i) => {
    const direction = normals(streamKey(3, StreamTag.rounding, i), 0, 1, size, 1 / Math.sqrt(size));
    return { name, part: block.subarray(offset, offset + size), direction };
  });
}

/** The largest difference, in parts of the largest value. */
function furthest(expected: Float64Array, values: ArrayLike<number> = []): number {
  expect(values).toHaveLength(expected.length);
  return largestOf(expected.map((value, i) => value - (values[i] as number))) / largestOf(expected);
}
