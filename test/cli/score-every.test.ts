import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packDataset } from '../../lib/data/pack.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { decodeGenerator } from '../../lib/wire/generator-file.ts';
import { runId } from '../../support/stored-run.ts';
import { testFolders } from '../support/folders.ts';
import { runToEnd } from './command-line.ts';
import { runHere } from './here.ts';

const folder = testFolders();
const EXAMPLES = 40;

async function succeed(running: ReturnType<typeof runToEnd>): Promise<string> {
  const { code, stdout, stderr } = await running;
  expect(code, stderr).toBe(0);
  return stdout;
}

test('a run tells its scores, and keeps the best generator, whatever its workers', async () => {
  // Prepare
  const store = await folder();
  const images = Uint8Array.from({ length: EXAMPLES * 784 }, (_, i) => (i * 37) % 256);
  const shape = [28, 28, 1] as const;
  const dataset = { name: 'few', images, examples: EXAMPLES, shape, source: 'test' };
  await packDataset(await DiskStore.open(store), dataset);
  const where = ['--store', store];
  // Act
  const train = (workers: number) =>
    succeed(
      runToEnd([
        ...['train', '--dataset', 'few', '--iterations', '3', '--batch', '8', '--json'],
        ...['--score-every', '2', '--workers', `${workers}`, '--run-id', runId(workers), ...where],
      ]),
    );
  const told = [await train(1), await train(2)].map((lines) =>
    lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).slicedWasserstein as number | undefined),
  );
  // Assess
  expect(told[0]).toEqual([undefined, expect.any(Number), expect.any(Number)]);
  expect(told[1]).toEqual(told[0]);
  const best = await Promise.all(
    [1, 2].map((workers) => readFile(join(store, 'runs', runId(workers), 'best.safetensors'))),
  );
  const [file, other] = best.map((bytes) => decodeGenerator(bytes, 'best'));
  const scores = (told[0] ?? []).map((score) => score ?? Number.POSITIVE_INFINITY);
  expect(file?.score).toBe(Math.min(...scores));
  expect(file?.iteration).toBe(scores.indexOf(Math.min(...scores)) + 1);
  expect(other).toEqual({ ...file, runId: runId(2) });
  const status = JSON.parse((await runHere(['status', runId(1), '--json', ...where])).stdout);
  expect(status.score.scores.slicedWasserstein).toBe(scores[2]);
  expect(status.bestScore.iteration).toBe(file?.iteration);
  const again = await runHere(['score', runId(1), '--json', ...where]);
  expect(JSON.parse(again.stdout).slicedWasserstein).toBe(scores[2]);
});
