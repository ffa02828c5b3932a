import { beforeAll, describe, expect, it } from 'vitest';
import { loadBackend } from '../../lib/backend/load.ts';
import type { PhaseSpec, Tfjs } from '../../lib/program/program.ts';
import type { BackendName } from '../../lib/run/record/config.ts';
import { largestOf } from '../support/arrays.ts';
import { gradientOf, makeGan, weightsOf } from './gan.ts';
import { referenceDiscriminatorLoss, referenceGeneratorLoss } from './reference-gan.ts';

const LOSSES = { D: referenceDiscriminatorLoss, G: referenceGeneratorLoss } as const;

/** Both losses and their gradients, on one backend, against the reference. */
export function describeLosses(name: BackendName): void {
  let tf: Tfjs;
  beforeAll(async () => {
    ({ tf } = await loadBackend(name, 1));
  });

  describe.each([
    { phaseName: 'D', outputScale: 1 },
    { phaseName: 'G', outputScale: 1 },
    { phaseName: 'D', outputScale: 255 },
    { phaseName: 'G', outputScale: 255 },
  ] as const)(
    `${name}: phase $phaseName with outputs times $outputScale`,
    ({ phaseName, outputScale }) => {
      const gan = makeGan(outputScale);
      const phase = gan.program.phases.find(({ name }) => name === phaseName) as PhaseSpec;
      const blocks = {
        D: Float64Array.from(gan.blocks.D ?? []),
        G: Float64Array.from(gan.blocks.G ?? []),
      };
      const reference = () =>
        LOSSES[phaseName](
          weightsOf(gan, 'D', blocks.D),
          weightsOf(gan, 'G', blocks.G),
          gan.batch,
          outputScale,
        );

      it("has the loss and the statistics of the design's formulas", () => {
        const { loss, ...statistics } = reference();
        const computed = gradientOf(tf, gan, phase).statistics;
        const expected: Record<string, number> = { [phase.lossMetric.name]: loss, ...statistics };
        expect(Object.keys(computed).sort()).toEqual(Object.keys(expected).sort());
        for (const [name, value] of Object.entries(computed)) {
          expect(value / (expected[name] ?? Number.NaN), name).toBeCloseTo(1, 4);
        }
      });

      it('has the gradient that differences of the float64 loss give, in each tensor', () => {
        // Prepare
        const { gradient } = gradientOf(tf, gan, phase);
        const block = blocks[phaseName];
        expect(gradient).toHaveLength(block.length);
        const largest = largestOf(gradient);
        for (const index of placesOf(block.length, phaseName)) {
          // Act
          const value = block[index] as number;
          const step = 1e-4 / outputScale;
          block[index] = value + step;
          const above = reference().loss;
          block[index] = value - step;
          const below = reference().loss;
          block[index] = value;
          // Assess: float32 has 24 bits, of which the sums over 784 or 400 numbers take some
          const difference = (above - below) / (2 * step);
          const error = Math.abs((gradient[index] as number) - difference);
          expect(error, `parameter ${index}`).toBeLessThan(
            1e-3 * Math.abs(difference) + 1e-5 * largest,
          );
        }
      });
    },
  );
}

/** Parameters of each of a network's tensors: first, last and some between. */
function placesOf(size: number, network: 'D' | 'G'): number[] {
  const w1 = (network === 'D' ? 784 : 100) * 400;
  const w2 = w1 + 400;
  const b2 = size - (network === 'D' ? 1 : 784);
  const places = [0, 7_777, w1 - 1, w1, w1 + 123, w2 - 1, w2, w2 + 55, b2 - 1, b2, size - 1];
  return [...new Set(places)];
}
