import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { IterationReport } from '../../lib/run/events.ts';
import type { RunConfig } from '../../lib/run/record/config.ts';
import { DiskStore } from '../../lib/store/disk.ts';

export const RUN_ID = '20260131-235959-0a1b';

/** A store in a folder of its own, which is removed after the test. */
export async function temporaryStore(): Promise<DiskStore> {
  const folder = await mkdtemp(join(tmpdir(), 'lambduel-observe-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return DiskStore.open(folder);
}

export function runConfig(changes: Partial<RunConfig> = {}): RunConfig {
  return {
    format: 1,
    runId: RUN_ID,
    createdAt: '2026-01-31T23:59:59.000Z',
    preset: 'digits',
    program: { name: 'mlp-gan', settings: { outputScale: 1 } },
    iterations: 100,
    batch: 128,
    shards: 4,
    seed: 1,
    learningRate: 1e-3,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    dataset: { name: 'digits', sha256: 'ab'.repeat(32), examples: 1000 },
    backend: 'native',
    threads: 1,
    wire: 'f32',
    weightsWire: 'f32',
    gradients: 'eager',
    localIterations: 0,
    emaHalfLife: 0,
    augment: [],
    quorum: null,
    quorumAfterMs: 2000,
    checkpointEvery: 10,
    sampleEvery: 10,
    scoreEvery: 0,
    scoreCount: 2000,
    sampleCount: 4,
    ...changes,
  };
}

export function iterationReport(
  iteration: number,
  changes: Partial<IterationReport> = {},
): IterationReport {
  const timing = {
    publishMs: 2,
    dispatchMs: 1,
    computeMs: 8,
    compileMs: 0,
    collectMs: 10,
    applyMs: 3,
  };
  const phases = ['D', 'G', 'G'];
  return {
    iteration,
    epoch: 1,
    metrics: { dCost: 1.25, dReal: 0.625, gCost: 0.75, dFake: 0.375, maxPixel: 0.5 + iteration },
    ms: 48.125,
    steps: phases.map((phase, i) => ({ step: 3 * iteration + i, phase, timing })),
    ...changes,
  };
}

/** A clock that stands still until it is moved. */
export class ManualClock {
  time = 0;

  now(): number {
    return this.time;
  }
}

/** A stream that keeps what is written. */
export function capture(columns?: number) {
  const written: string[] = [];
  const stream = {
    write: (text: string) => {
      written.push(text);
      return true;
    },
    ...(columns === undefined ? {} : { columns }),
  } as unknown as NodeJS.WritableStream;
  const text = () => written.join('');
  return { stream, written, text, lines: () => text().split('\n').slice(0, -1) };
}
