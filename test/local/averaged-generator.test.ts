import { describe, expect, test } from 'vitest';
import { layOut } from '../../lib/numeric/parameter-block.ts';
import { networkLayout, networkOf } from '../../lib/program/network.ts';
import { systemClock } from '../../lib/run/clock.ts';
import type { Aggregation, JobOrigin, Round } from '../../lib/run/coordinator/aggregation.ts';
import { withAveragedGenerator } from '../../lib/run/coordinator/averaged-generator.ts';
import { readHead } from '../../lib/run/record/head.ts';
import { createRun } from '../../lib/run/record/runs.ts';
import { initialState } from '../../lib/run/record/training-state.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import type { Store } from '../../lib/store/store.ts';
import { decodeParameters } from '../../lib/wire/parameters.ts';
import { testFolders } from '../support/folders.ts';
import { play, tinyConfig } from './scripted-run.ts';
import { tinyProgram } from './tiny-program.ts';

const folder = testFolders();
const PROGRAM = tinyProgram.create({ pull: 1 });
const HALF_LIFE = 10;

async function newRun(change: object = {}) {
  const store = await DiskStore.open(await folder());
  const config = tinyConfig({ emaHalfLife: HALF_LIFE, ...change });
  await createRun(store, config, systemClock);
  return { store, config, runId: config.runId };
}

async function bytesOf(store: Store, runId: string, name: string, iteration?: number) {
  const { checkpoint } = (await readHead(store, runId)).head;
  const { bytes } = await store.get(
    `runs/${runId}/checkpoints/${iteration ?? checkpoint?.iteration}-e${checkpoint?.epoch}/${name}.safetensors`,
  );
  return bytes;
}

async function valuesOf(...args: Parameters<typeof bytesOf>): Promise<number[]> {
  const layout = layOut([{ name: 'maker.at', shape: [2] }]);
  return [...decodeParameters(layout, await bytesOf(...args), 'the file')];
}

/** The recurrence in plain numbers. @param decay of one update */
function follow(average: number[], weights: number[], decay: number): number[] {
  return average.map((value, i) => Math.fround(decay * value + (1 - decay) * (weights[i] ?? NaN)));
}

describe("the average of the generator's weights", () => {
  test('begins as the initial weights, and follows each update with its decay', async () => {
    const { store, runId, config } = await newRun();
    await play({ store, runId });
    let expected = [...(initialState(PROGRAM, config.seed).get('maker')?.adam.parameters ?? [])];
    for (const iteration of [1, 2, 3]) {
      const weights = await valuesOf(store, runId, 'maker', iteration);
      expected = follow(expected, weights, 0.5 ** (config.batch / HALF_LIFE));
      expect(await valuesOf(store, runId, 'ema-maker', iteration)).toEqual(expected);
    }
  });

  test('continues from a checkpoint to the very same bits', async () => {
    const whole = await newRun();
    await play(whole);
    const parted = await newRun();
    await play({ ...parted, owner: 'one', change: { shouldStop: () => true } });
    await play({ ...parted, owner: 'two' });
    const { store, runId } = parted;
    expect(await bytesOf(store, runId, 'ema-maker')).toEqual(
      await bytesOf(whole.store, whole.runId, 'ema-maker'),
    );
  });

  test('is what images are drawn with, and nothing that gradients are computed with', async () => {
    const run = await newRun({ sampleEvery: 1 });
    const { jobs } = await play(run);
    const samples = jobs.filter(({ kind }) => kind === 'sample');
    expect(samples.map(({ weights }) => Object.keys(weights))).toEqual(
      samples.map(() => ['maker']),
    );
    expect(samples[0]?.weights.maker?.key).toBe(
      `runs/${run.runId}/weights/ema-maker/1-e1.safetensors`,
    );
    for (const { kind, weights } of jobs) {
      if (kind === 'gradient') expect(Object.keys(weights)).not.toContain('ema-maker');
    }
  });

  test('is not kept where no half life is given', async () => {
    const { store, runId } = await newRun({ emaHalfLife: 0 });
    await play({ store, runId });
    await expect(bytesOf(store, runId, 'ema-maker')).rejects.toThrow('There is no object');
  });

  test('follows a round of several updates once, with the decay of all their examples', async () => {
    const layout = networkLayout(networkOf(PROGRAM, 'maker'));
    const parameters = Float32Array.of(1, -2);
    let version = 0;
    const round: Round = {
      step: 0,
      phase: 'local',
      jobs: () => [],
      accept: () => {},
      finish: () => {
        parameters.set([3, 5]);
        version += 6;
        return { metrics: [] };
      },
    };
    const inner: Aggregation = {
      get networks() {
        return new Map([['maker', { layout, parameters, version }]]);
      },
      next: () => ({ iterations: 3, rounds: [round] }),
      contents: () => ({ updates: {}, files: new Map() }),
    };
    const origin = { config: tinyConfig({ emaHalfLife: 100 }), program: PROGRAM } as JobOrigin;
    const averaged = await withAveragedGenerator(async () => inner)(origin, undefined);
    averaged.next(0).rounds[0]?.finish([]);
    const expected = follow([1, -2], [3, 5], 0.5 ** ((7 * 6) / 100));
    expect([...(averaged.average?.parameters ?? [])]).toEqual(expected);
  });
});
