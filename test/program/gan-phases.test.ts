import { expect, it } from 'vitest';
import { ganPhases } from '../../lib/program/gan-phases.ts';
import type { PhaseSpec } from '../../lib/program/program.ts';

const loss: PhaseSpec['loss'] = () => {
  throw new Error('It is not computed');
};
const losses = { D: loss, G: loss };
const named = (steps?: { D?: number; G?: number }) =>
  ganPhases(losses, steps && { steps }).map(({ name }) => name);

it('has one step of D and two of G, unless it is told', () => {
  expect(named()).toEqual(['D', 'G', 'G']);
  expect(named({ D: 3, G: 1 })).toEqual(['D', 'D', 'D', 'G']);
  expect(named({ G: 1 })).toEqual(['D', 'G']);
});

it('repeats the same object, which is compiled once', () => {
  expect(new Set(ganPhases(losses, { steps: { D: 5 } })).size).toBe(2);
});

it.each([0, -1, 1.5, Number.NaN])('has no %s steps', (steps) => {
  expect(() => named({ D: steps })).toThrow(
    `at least one step of D, and whole steps, not ${steps}`,
  );
  expect(() => named({ G: steps })).toThrow('at least one step of G');
});
