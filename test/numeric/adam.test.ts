import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AdamSettings, adamStep, initialAdamState } from '../../lib/numeric/adam.ts';

const SETTINGS: AdamSettings = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/**
 * TensorFlow 1's Adam of one parameter, from its documentation, all in float64 and with the powers
 * multiplied up step by step, as TensorFlow keeps them.
 */
class ReferenceAdam {
  m = 0;
  v = 0;
  #beta1Power = 1;
  #beta2Power = 1;

  constructor(
    public w: number,
    readonly settings: AdamSettings,
  ) {}

  update(g: number): void {
    const { learningRate, beta1, beta2, epsilon } = this.settings;
    this.#beta1Power *= beta1;
    this.#beta2Power *= beta2;
    const alpha = learningRate * (Math.sqrt(1 - this.#beta2Power) / (1 - this.#beta1Power));
    this.m = beta1 * this.m + (1 - beta1) * g;
    this.v = beta2 * this.v + (1 - beta2) * g ** 2;
    this.w -= (this.m * alpha) / (Math.sqrt(this.v) + epsilon);
  }
}

/** Any settings that a run may have, gradients of any size over 40 steps, and a batch. */
const training = fc.record({
  settings: fc.record({
    learningRate: fc.constantFrom(1e-4, 1e-3, 0.1),
    beta1: fc.constantFrom(0, 0.5, 0.9),
    beta2: fc.constantFrom(0, 0.99, 0.999),
    epsilon: fc.constantFrom(1e-8, 1e-3),
  }),
  start: fc.double({ min: -2, max: 2, noNaN: true }).map(Math.fround),
  gradients: fc.array(
    fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: -10, max: 3 })).map(
      ([mantissa, exponent]) => mantissa * 10 ** exponent, // of any magnitude
    ),
    { minLength: 40, maxLength: 40 },
  ),
  examples: fc.integer({ min: 1, max: 1024 }),
});

it("follows TensorFlow 1's form over 40 steps, but for float32 rounding of the state", () => {
  fc.assert(
    fc.property(training, ({ settings, start, gradients, examples }) => {
      let state = initialAdamState(Float32Array.of(start));
      const reference = new ReferenceAdam(start, settings);
      let path = 0;
      for (const gradient of gradients) {
        const before = reference.w;
        state = adamStep(state, Float64Array.of(gradient * examples), examples, settings);
        reference.update(gradient);
        path += Math.abs(reference.w - before);
      }
      // Each step rounds w once (half a unit of the last place); the moments' rounding moves a step
      // by some 1e-5 of its length.
      const rounding = gradients.length * 2 ** -24 * Math.max(1, Math.abs(start) + path);
      const difference = Math.abs((state.parameters[0] as number) - reference.w);
      expect(difference).toBeLessThanOrEqual(rounding + 1e-5 * path);
    }),
    { numRuns: 300 },
  );
});

describe('one update', () => {
  it('moves a first step by learningRate g / (|g| + epsilon / sqrt(1 - beta2))', () => {
    const gradients = [1, -1e-3, 1e-8];
    const state = initialAdamState(new Float32Array(3));
    const { parameters } = adamStep(state, Float64Array.from(gradients), 1, SETTINGS);
    gradients.forEach((g, i) => {
      const expected = (-1e-3 * g) / (Math.abs(g) + 1e-8 / Math.sqrt(1 - 0.999));
      expect((parameters[i] as number) / expected).toBeCloseTo(1, 6);
    });
    // The third is where the paper's own algorithm, with epsilon outside, would go 15 times as far.
    expect(parameters[2]).toBeGreaterThan(-1e-3 / 30);
  });

  it('divides the sum of gradients by the number of examples', () => {
    const settings = { ...SETTINGS, epsilon: 1 };
    const ofSum = adamStep(
      initialAdamState(Float32Array.of(1)),
      Float64Array.of(64),
      128,
      settings,
    );
    const ofMean = adamStep(
      initialAdamState(Float32Array.of(1)),
      Float64Array.of(0.5),
      1,
      settings,
    );
    expect(ofSum).toEqual(ofMean);
    expect(ofSum.m[0]).toBeCloseTo(0.05, 7);
    expect(ofSum.v[0]).toBeCloseTo(0.00025, 9);
  });

  it('counts updates, and leaves the state that it was given with its own count', () => {
    const first = initialAdamState(Float32Array.of(1));
    const second = adamStep(first, Float64Array.of(1), 1, SETTINGS);
    const third = adamStep(second, Float64Array.of(1), 1, SETTINGS);
    expect([first.updates, second.updates, third.updates]).toEqual([0, 1, 2]);
  });

  it('works in place on its own three arrays and touches no other', () => {
    // Prepare: two networks' states as views of one buffer, and a gradient
    const buffer = new Float32Array(30).map((_, i) => i);
    const view = (part: number) => buffer.subarray(part * 5, part * 5 + 5);
    const state = { parameters: view(1), m: view(2), v: view(3), updates: 0 };
    const gradient = new Float64Array(5).fill(3);
    const before = buffer.slice();
    // Act
    const next = adamStep(state, gradient, 1, SETTINGS);
    // Assess
    expect(next.parameters).toBe(state.parameters);
    expect(next.m).toBe(state.m);
    expect(next.v).toBe(state.v);
    expect(buffer.slice(5, 20)).not.toEqual(before.slice(5, 20));
    expect(buffer.slice(0, 5)).toEqual(before.slice(0, 5));
    expect(buffer.slice(20)).toEqual(before.slice(20));
    expect(gradient).toEqual(new Float64Array(5).fill(3));
  });

  it('leaves a parameter alone that has never had a gradient', () => {
    const state = initialAdamState(Float32Array.of(0.25, 0.25));
    const { parameters } = adamStep(state, Float64Array.of(0, 1), 1, SETTINGS);
    expect(parameters[0]).toBe(0.25);
    expect(parameters[1]).toBeLessThan(0.25);
  });
});
