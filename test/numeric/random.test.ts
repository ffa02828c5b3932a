import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  drawWithReplacement,
  normals,
  StreamTag,
  streamKey,
  uniforms,
} from '../../lib/numeric/random.ts';
import { shardRange } from '../../lib/numeric/shards.ts';
import {
  drawReference,
  normalReference,
  streamReference,
  uniformReference,
} from './reference-random.ts';

const seed = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const index = fc.integer({ min: 0, max: 2 ** 31 });
const tag = fc.constantFrom(...Object.values(StreamTag));
const size = fc.integer({ min: 1, max: 9 });

describe('the streams are those of the design', () => {
  it('has the tags of the design', () => {
    expect(StreamTag).toEqual({
      initialWeights: 1,
      noise: 2,
      realExamples: 3,
      sampleGrid: 4,
      rounding: 5,
      standingStatistics: 6,
      augmentation: 7,
      fakeLabels: 8,
      scoredImages: 9,
    });
  });

  it('keys a stream by all 53 bits of the seed, the tag and the index', () => {
    fc.assert(
      fc.property(seed, tag, index, (s, t, i) => {
        expect(streamKey(s, t, i)).toEqual(streamReference(s, t, i));
      }),
    );
  });

  it('tells seeds apart that differ above 2^32 only', () => {
    expect(streamKey(5, StreamTag.noise, 0)).not.toEqual(
      streamKey(5 + 2 ** 32, StreamTag.noise, 0),
    );
  });

  it('draws uniform numbers by their own place, for odd and even lengths', () => {
    fc.assert(
      fc.property(seed, index, size, size, (s, first, examples, perExample) => {
        const stream = streamKey(s, StreamTag.rounding, 3);
        const expected = places(first, examples, perExample).map(([e, k]) =>
          uniformReference(stream, e, k),
        );
        expect([...uniforms(stream, first, examples, perExample)]).toEqual(expected);
      }),
    );
  });

  it('draws normal numbers by their own place, rounded once to float32', () => {
    fc.assert(
      fc.property(seed, index, size, size, (s, first, examples, perExample) => {
        const stream = streamKey(s, StreamTag.noise, 3);
        const drawn = normals(stream, first, examples, perExample);
        places(first, examples, perExample).forEach(([e, k], i) => {
          const exact = normalReference(stream, e, k);
          expect(drawn[i]).toBeCloseTo(exact, 6);
          expect(Math.abs((drawn[i] as number) - exact)).toBeLessThanOrEqual(
            Math.abs(exact) * 2 ** -24 + 2 ** -50,
          );
        });
      }),
    );
  });

  it('draws real examples by multiplication, exact for any population', () => {
    const population = fc.integer({ min: 1, max: 2 ** 31 });
    fc.assert(
      fc.property(seed, index, size, population, (s, first, examples, n) => {
        const stream = streamKey(s, StreamTag.realExamples, 0);
        const expected = Array.from({ length: examples }, (_, i) =>
          drawReference(stream, first + i, n),
        );
        expect([...drawWithReplacement(stream, first, examples, n)]).toEqual(expected);
      }),
    );
  });
});

it('draws the same numbers however the batch is split into shards', () => {
  const batch = fc.integer({ min: 1, max: 60 });
  fc.assert(
    fc.property(batch, fc.integer({ min: 1, max: 60 }), size, seed, (b, s, perExample, runSeed) => {
      const shards = Math.min(b, s);
      const stream = streamKey(runSeed, StreamTag.noise, 17);
      const noise: number[] = [];
      const reals: number[] = [];
      for (let i = 0; i < shards; i++) {
        const range = shardRange(b, shards, i);
        noise.push(...normals(stream, range.first, range.size, perExample));
        reals.push(...drawWithReplacement(stream, range.first, range.size, 1000));
      }
      expect(noise).toEqual([...normals(stream, 0, b, perExample)]);
      expect(reals).toEqual([...drawWithReplacement(stream, 0, b, 1000)]);
    }),
  );
});

function places(first: number, examples: number, perExample: number): [number, number][] {
  return Array.from({ length: examples * perExample }, (_, i) => [
    first + Math.floor(i / perExample),
    i % perExample,
  ]);
}
