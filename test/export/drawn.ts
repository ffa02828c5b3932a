import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { normals, StreamTag, streamKey } from '../../lib/numeric/random.ts';
import type { Program } from '../../lib/program/program.ts';
import { runHere } from '../cli/here.ts';

export const COUNT = 5;
const SEED = 7;

/** Inputs of an exported model, as JSON: the noise that `generate` draws its first images of. */
export function inputsOf({ latent, wantsLabels }: Program) {
  const noise = normals(streamKey(SEED, StreamTag.sampleGrid, 0), 0, COUNT, latent);
  const classes = wantsLabels?.classes ?? 0;
  const labels = Array.from({ length: COUNT * classes }, (_, i) =>
    i % classes === Math.floor(i / classes) % classes ? 1 : 0,
  );
  return {
    noise: { shape: [COUNT, latent], values: [...noise] },
    ...(classes > 0 && { labels: { shape: [COUNT, classes], values: labels } }),
  };
}

/** The images that `generate` draws of them, as values 0 to 1. */
export async function generated(source: string, store: string, out: string): Promise<Float32Array> {
  const options = ['--count', `${COUNT}`, '--seed', `${SEED}`, '--out', out, '--store', store];
  const { code, stderr } = await runHere(['generate', source, ...options]);
  expect(code, stderr).toBe(0);
  const npy = await readFile(out);
  const data = npy.subarray(10 + npy.readUInt16LE(8));
  return new Float32Array(new Uint8Array(data).buffer);
}

/** The largest difference of two sets of images. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))),
    0,
  );
}
