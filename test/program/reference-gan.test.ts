import { describe, expect, it } from 'vitest';
import { crossEntropy } from './reference-gan.ts';

describe('the reference cross-entropy', () => {
  it('of a generator loss does not saturate: its slope is near -1 where D is sure of a fake', () => {
    const slope = (crossEntropy(-10 + 1e-4, 1) - crossEntropy(-10 - 1e-4, 1)) / 2e-4;
    expect(slope).toBeCloseTo(-1, 3);
  });

  it('of a real is least where D says 0.9', () => {
    const atLogit = Math.log(0.9 / 0.1);
    expect(crossEntropy(atLogit, 0.9)).toBeLessThan(crossEntropy(atLogit + 0.1, 0.9));
    expect(crossEntropy(atLogit, 0.9)).toBeLessThan(crossEntropy(atLogit - 0.1, 0.9));
  });
});
