import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { shardGradient } from '../../lib/backend/gradient.ts';
import { mlpGan } from '../../lib/program/mlp-gan.ts';
import { networkLayout } from '../../lib/program/network.ts';
import type { NetworkParameters, PhaseSpec, Program, Tfjs } from '../../lib/program/program.ts';
import { sameBits } from '../support/arrays.ts';
import { availableBackend } from '../support/backend.ts';
import { type Gan, gradientOf, makeGan, variablesOf } from './gan.ts';

let tf: Tfjs;
let gan: Gan;
let tensorsBefore: number;
beforeAll(async () => {
  ({ tf } = await availableBackend());
  gan = makeGan(1);
  gradientOf(tf, gan, phaseOf(gan.program, 'D')); // whatever a backend makes at its first work
});
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => {
  expect(tf.memory().numTensors).toBe(tensorsBefore); // each of these tests is a leak check as well
});

function phaseOf(program: Program, name: string): PhaseSpec {
  return program.phases.find((phase) => phase.name === name) as PhaseSpec;
}

function valuesOf(networks: NetworkParameters): Float32Array {
  const tensors = Object.values(networks).flatMap((network) => Object.values(network));
  return Float32Array.from(tensors.flatMap((tensor) => [...tensor.dataSync()]));
}

describe.each(['D', 'G'])('a gradient of phase %s', (name) => {
  it("has one number for each of its own network's parameters, and changes no network", () => {
    // Prepare
    const phase = phaseOf(gan.program, name);
    const networks = variablesOf(tf, gan);
    const before = valuesOf(networks);
    const noise = tf.zeros([2, 100]) as ReturnType<Tfjs['tensor2d']>;
    const real = tf.zeros([2, 784]) as ReturnType<Tfjs['tensor2d']>;
    // Act
    const { gradient } = shardGradient(tf, phase, networks, { noise, real });
    // Assess
    const network = gan.program.networks.find((spec) => spec.name === name);
    expect(gradient).toHaveLength(network ? networkLayout(network).size : 0);
    expect(sameBits(valuesOf(networks), before)).toBe(true);
    tf.dispose([noise, real]);
    for (const parameters of Object.values(networks)) tf.dispose(Object.values(parameters));
  });

  it('leaves no tensor behind in 20 times', () => {
    for (let i = 0; i < 20; i++) gradientOf(tf, gan, phaseOf(gan.program, name));
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });

  it('is the same bits each time', () => {
    const phase = phaseOf(gan.program, name);
    const [once, again] = [gradientOf(tf, gan, phase), gradientOf(tf, gan, phase)];
    expect(again.statistics).toEqual(once.statistics);
    expect(sameBits(again.gradient, once.gradient)).toBe(true);
  });
});

it("asks for the gradient of the phase's own network only, so that no work goes into the other", () => {
  // Prepare: count what backpropagation is asked for
  const asked: string[][] = [];
  const variableGrads: Tfjs['variableGrads'] = (loss, variables = []) => {
    asked.push(variables.map(({ shape }) => shape.join('x')));
    return tf.variableGrads(loss, variables);
  };
  const watching = Object.create(tf, { variableGrads: { value: variableGrads } }) as Tfjs;
  // Act
  gradientOf(watching, gan, phaseOf(gan.program, 'D'));
  gradientOf(watching, gan, phaseOf(gan.program, 'G'));
  // Assess
  expect(asked).toEqual([
    ['784x400', '400', '400x1', '1'],
    ['100x400', '400', '400x784', '784'],
  ]);
});

it('draws images in [0, 1], whatever outputs are multiplied by for D', () => {
  const images = [1, 255].map((outputScale) => {
    const { generate } = mlpGan.create({ outputScale });
    const networks = variablesOf(tf, gan);
    const pixels = tf.tidy(() => {
      const noise = tf.tensor2d(Float32Array.from(gan.batch.noise), [3, 100]);
      return [...generate(tf, networks.G ?? {}, noise, {}).dataSync()];
    });
    for (const parameters of Object.values(networks)) tf.dispose(Object.values(parameters));
    return pixels;
  });
  expect(images[0]).toHaveLength(3 * 784);
  expect(Math.min(...(images[0] ?? []))).toBeGreaterThanOrEqual(0);
  expect(Math.max(...(images[0] ?? []))).toBeLessThanOrEqual(1);
  expect(images[1]).toEqual(images[0]);
});
