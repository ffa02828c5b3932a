import { expect, test } from 'vitest';
import type { ProgramDefinition } from '../../lib/program/program.ts';
import { ProgramRegistry } from '../../lib/program/registry.ts';
import { systemClock } from '../../lib/run/clock.ts';
import type { RunConfig } from '../../lib/run/record/config.ts';
import { readHead } from '../../lib/run/record/head.ts';
import { createRun } from '../../lib/run/record/runs.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { decodeTensors } from '../../lib/wire/safetensors.ts';
import { testFolders } from '../support/folders.ts';
import { play, rightAnswers, type Script, tinyConfig } from './scripted-run.ts';
import { tinyProgram } from './tiny-program.ts';

const folder = testFolders();

async function newRun(change: Partial<RunConfig> = {}) {
  const store = await DiskStore.open(await folder());
  const config = tinyConfig({ weightsWire: 'f16', ...change });
  await createRun(store, config, systemClock);
  return { store, runId: config.runId };
}

/** The tiny program with initial weights of this size. */
function withWeights(deviation: number): ProgramDefinition<{ pull: number }> {
  return {
    ...tinyProgram,
    create: (settings) => {
      const program = tinyProgram.create(settings);
      const networks = program.networks.map((network) => ({
        ...network,
        tensors: network.tensors.map((tensor) => ({
          ...tensor,
          initial: { kind: 'normal', deviation } as const,
        })),
      }));
      return { ...program, networks };
    },
  };
}

test.each([0, 500])(
  'gradients are computed at half floats, and images drawn with float32, with an average of half life %d',
  async (emaHalfLife) => {
    const run = await newRun({ emaHalfLife, sampleEvery: 1 });
    const seen = new Map<string, Set<string | undefined>>();
    const drawn: string[] = [];
    const script: Script = async (job, worker) => {
      for (const { key } of Object.values(job.weights)) {
        const { tensors } = decodeTensors((await run.store.get(key)).bytes, key);
        const types = seen.get(job.kind) ?? new Set();
        for (const { dtype } of tensors) seen.set(job.kind, types.add(dtype));
        if (job.kind === 'sample') drawn.push(key);
      }
      return rightAnswers(job, worker);
    };
    expect((await play({ ...run, script })).status).toBe('finished');
    expect(seen.get('gradient')).toEqual(new Set(['F16']));
    expect(seen.get('sample')).toEqual(new Set(['F32']));
    expect(new Set(drawn).size).toBe(3);
    const left = await run.store.list(`runs/${run.runId}/`);
    expect(left.filter(({ key }) => key.includes('/weights/'))).toEqual([]);
    const checkpoint = left.filter(({ key }) => /checkpoints.*safetensors/.test(key));
    for (const { key } of checkpoint) {
      const { tensors } = decodeTensors((await run.store.get(key)).bytes, key);
      expect(new Set(tensors.map(({ dtype }) => dtype))).toEqual(new Set(['F32']));
    }
  },
);

test('a weight beyond the largest half float ends the run, by name, with nothing left', async () => {
  const run = await newRun();
  const programs = new ProgramRegistry().register(withWeights(1e6));
  const message = /at has a weight of -?\d+.*, and the largest half float is 65504/;
  await expect(play({ ...run, change: { programs } })).rejects.toThrow(message);
  const { head } = await readHead(run.store, run.runId);
  expect(head).toMatchObject({ status: 'failed', lease: null });
  expect(head.error?.message).toMatch(message);
  const left = await run.store.list(`runs/${run.runId}/`);
  expect(left.filter(({ key }) => key.includes('/weights/'))).toEqual([]);
});
