import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../lib/backend/backend.ts';
import { nativeIsInstalled } from '../../lib/backend/choose.ts';
import { GradientComputer } from '../../lib/backend/gradient-computer.ts';
import { loadBackend } from '../../lib/backend/load.ts';
import type { PhaseSpec } from '../../lib/program/program.ts';
import { sameBits } from '../support/arrays.ts';
import { inputsOf, makeGan, variablesOf } from './gan.ts';

describe.skipIf(!nativeIsInstalled())('the compiled gradients of mlp-gan', () => {
  let backend: Backend;
  let computer: GradientComputer;
  beforeAll(async () => {
    backend = await loadBackend('native', 1);
    computer = new GradientComputer(backend);
  });
  afterEach(() => computer.close());

  const cases = [1, 255].flatMap((scale) =>
    ['D', 'G'].flatMap((phase) => [1, 3, 16, 42, 128].map((size) => [phase, scale, size] as const)),
  );
  it.each(cases)(
    'are the eager bits: phase %s, outputs times %d, shard of %d',
    (name, scale, size) => {
      const { tf } = backend;
      for (const seed of [9, 10, 11]) {
        const gan = makeGan(scale, size, seed);
        const phase = gan.program.phases.find((spec) => spec.name === name) as PhaseSpec;
        const networks = variablesOf(tf, gan);
        const inputs = inputsOf(tf, gan, phase);
        const task = { loss: `${name} ${scale}`, phase, networks, inputs };
        const compiled = computer.compute('compiled', task);
        const eager = computer.compute('eager', task);
        expect(compiled.statistics).toEqual(eager.statistics);
        expect(sameBits(compiled.gradient, eager.gradient)).toBe(true);
        tf.dispose([inputs, networks] as never);
      }
    },
  );
});
