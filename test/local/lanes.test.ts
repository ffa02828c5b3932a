import { beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../lib/backend/backend.ts';
import { chooseBackend } from '../../lib/backend/choose.ts';
import { loadBackend } from '../../lib/backend/load.ts';
import { systemClock } from '../../lib/run/clock.ts';
import type { IterationReport } from '../../lib/run/events.ts';
import type { RunConfig } from '../../lib/run/record/config.ts';
import { readHead } from '../../lib/run/record/head.ts';
import { checkpointKeys, runKeys } from '../../lib/run/record/keys.ts';
import { cancelRun, changeLimits } from '../../lib/run/record/runs.ts';
import { storeWith } from '../../support/fixtures.ts';
import { testFolders } from '../support/folders.ts';
import { finalBytes, type LanesRun, lanesOf, newLanesRun } from './lanes-run.ts';
import { Witness } from './scripted-run.ts';

const folder = testFolders();
let backend: Backend;
let undisturbed: Record<string, string>;

beforeAll(async () => {
  backend = await loadBackend(chooseBackend('auto'), 1);
  const run = await newRun();
  await run.play();
  undisturbed = await finalBytes(run);
});

async function newRun(change: Partial<RunConfig> = {}): Promise<LanesRun> {
  return newLanesRun(backend, await folder(), change);
}

function headOf({ store, config }: LanesRun) {
  return readHead(store, config.runId).then(({ head }) => head);
}

/** A coordinator that stops at the first boundary after so many iterations. */
function stopAfter(run: LanesRun, iterations: number) {
  const witness = new Witness();
  let done = 0;
  witness.events.on('iteration', ({ iteration }) => {
    done = iteration + 1;
  });
  return run.play({ change: { shouldStop: () => done >= iterations } }, witness);
}

describe('a run with local iterations', () => {
  it('tells of every iteration once, in rounds of which the last one may be shorter', async () => {
    const run = await newRun();
    const reports: IterationReport[] = [];
    const witness = new Witness();
    witness.events.on('iteration', (report) => void reports.push(report));
    const { jobs } = await run.play({}, witness);
    expect(reports.map(({ iteration }) => iteration)).toEqual(Array.from(Array(11).keys()));
    expect(reports.map(({ steps }) => steps.length)).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0]);
    expect(Object.keys(reports[10]?.metrics ?? {}).sort()).toEqual(
      ['centerLoss', 'largest', 'makerLoss', 'spreadLoss'].sort(),
    );
    const lanes = jobs.flatMap((job) => (job.kind === 'local' ? [job] : []));
    const rounds = lanes.map(({ iteration, iterations, lane }) => [iteration, iterations, lane]);
    const ofLanes = (iteration: number, count: number) =>
      [0, 1, 2].map((l) => [iteration, count, l]);
    expect(rounds).toEqual([...ofLanes(0, 4), ...ofLanes(4, 4), ...ofLanes(8, 3)]);
  });

  it('draws and keeps at the first boundary at or after a multiple', async () => {
    const run = await newRun({ sampleEvery: 5, checkpointEvery: 3 });
    const witness = new Witness();
    const at: string[] = [];
    witness.events.on('sample', ({ iteration }) => void at.push(`sample ${iteration}`));
    witness.events.on('checkpoint', ({ iteration }) => void at.push(`checkpoint ${iteration}`));
    await run.play({}, witness);
    const expected = ['checkpoint 4', 'sample 8', 'checkpoint 8', 'sample 11', 'checkpoint 11'];
    expect(at).toEqual(expected);
    expect(await finalBytes(run)).toEqual(undisturbed);
  });

  it.each([1, 5, 8])('stopped after %i iterations, goes on to the same bits', async (after) => {
    const run = await newRun();
    expect((await stopAfter(run, after)).status).toBe('stopped');
    const boundary = 4 * Math.ceil(after / 4);
    expect((await headOf(run)).checkpoint?.iteration).toBe(boundary);
    const states = [0, 1, 2].map((lane) => `${boundary / 4 - 1}/${lane}-e1.safetensors`);
    expect(await lanesOf(run)).toEqual(states);
    await run.play();
    expect(await finalBytes(run)).toEqual(undisturbed);
  });

  it('is handed over after each round, and comes to the same bits', async () => {
    const run = await newRun();
    const start = async () => {};
    for (const status of ['running', 'running', 'finished']) {
      const played = await run.play({ change: { handOver: { isDue: () => true, start } } });
      expect(played.status).toBe(status);
    }
    expect(await finalBytes(run)).toEqual(undisturbed);
    expect(await lanesOf(run)).toHaveLength(9); // of the three checkpoints that are kept
  });

  it('is cancelled, and comes to its limits, at a boundary', async () => {
    const cancelled = await newRun({ checkpointEvery: 1 });
    const witness = new Witness();
    witness.events.on('iteration', async ({ iteration }) => {
      if (iteration === 0) await cancelRun(cancelled.store, cancelled.config.runId, systemClock);
    });
    expect((await cancelled.play({}, witness)).status).toBe('cancelled'); // learnt at a checkpoint
    expect(await headOf(cancelled)).toMatchObject({ checkpoint: { iteration: 8 } });

    const limited = await newRun();
    const { store, config } = limited;
    await changeLimits(store, config.runId, { cost: 1 }, systemClock);
    const costly = { change: { cost: () => 2 } };
    expect((await limited.play(costly)).status).toBe('stopped');
    expect(await headOf(limited)).toMatchObject({ checkpoint: { iteration: 4 } });
    expect((await headOf(limited)).reason).toContain('it has cost $1');
  });

  it('with one lane comes to what averaging every step comes to, but for rounding', async () => {
    const change = { shards: 1, iterations: 10 };
    const lane = await newRun(change);
    const steps = await newRun({ ...change, localIterations: 0 });
    await Promise.all([lane.play(), steps.play()]);
    const [a, b] = [await finalBytes(lane), await finalBytes(steps)];
    for (const file of Object.keys(a)) {
      const [x, y] = [floats(a[file]), floats(b[file])];
      expect(x.length).toBeGreaterThan(0);
      x.forEach((value, i) => {
        expect(Math.abs(value - (y[i] as number))).toBeLessThan(1e-5);
      });
    }
  });

  it('averages in every round what lanes of unequal size differ by', async () => {
    const [one, three] = [await newRun({ localIterations: 1 }), await newRun({ shards: 1 })];
    await Promise.all([one.play(), three.play()]);
    expect(await finalBytes(one)).not.toEqual(undisturbed);
    expect(await finalBytes(three)).not.toEqual(undisturbed);
  });
});

describe("lanes' states", () => {
  it('stay while a checkpoint that is kept names them, and no longer', async () => {
    const run = await newRun({ iterations: 20, checkpointEvery: 4 });
    await run.play();
    const rounds = [2, 3, 4]; // of 0 to 4
    expect(await lanesOf(run)).toEqual(
      rounds.flatMap((round) => [0, 1, 2].map((lane) => `${round}/${lane}-e1.safetensors`)),
    );
  });

  it('that a dead coordinator left go with the next checkpoint, however far ahead they are', async () => {
    const run = await newRun();
    await stopAfter(run, 4);
    const { runId } = run.config;
    const left = [runKeys.laneState(runId, 1, 0, 1), runKeys.laneState(runId, 7, 2, 1)];
    for (const key of left) await run.store.create(key, Uint8Array.of(1));
    const later = runKeys.laneState(runId, 1, 0, 9); // of one that has taken over meanwhile
    await run.store.create(later, Uint8Array.of(1));
    await run.play();
    const states = [0, 2].flatMap((round) =>
      [0, 1, 2].map((lane) => `${round}/${lane}-e${round === 0 ? 1 : 2}.safetensors`),
    );
    expect(await lanesOf(run)).toEqual([...states, '1/0-e9.safetensors'].sort());
  });

  it('are no matter of a checkpoint that a crash left incomplete', async () => {
    const run = await newRun();
    await stopAfter(run, 4);
    const { runId } = run.config;
    const folderOfDead = runKeys.checkpoint(runId, 3, 1);
    await run.store.create(checkpointKeys.file(folderOfDead, 'center'), Uint8Array.of(1));
    expect((await run.play()).status).toBe('finished');
    expect(await finalBytes(run)).toEqual(undisturbed);
  });

  it('are not removed where the checkpoint that names them is read damaged', async () => {
    const run = await newRun();
    const store = storeWith(run.store, {
      get: async (key) => {
        const object = await run.store.get(key);
        return key.endsWith('meta.json') ? { ...object, bytes: Uint8Array.of(1) } : object;
      },
    });
    expect((await run.play({ store })).status).toBe('finished');
    expect((await lanesOf(run)).filter((key) => key.startsWith('2/'))).toHaveLength(3);
  });

  it('end the run with a clear error where one is missing, or damaged', async () => {
    for (const [damage, message] of [
      [undefined, /optimizer state is not there: runs\/.*0\/1-e1\.safetensors.*Restore the file/],
      [Uint8Array.of(1), /failed 5 times.*state is damaged: runs\/.*0\/1-e1\.safetensors/],
    ] as const) {
      const run = await newRun();
      await stopAfter(run, 4);
      const key = runKeys.laneState(run.config.runId, 0, 1, 1);
      await run.store.remove([key]);
      if (damage) await run.store.create(key, damage);
      const script = run.newWorker(); // the one that trained the lane before still has its state
      await expect(run.play({ script })).rejects.toThrow(message);
      expect((await headOf(run)).status).toBe('failed');
    }
  });

  it.each([
    ['fewer lanes', (lanes: object[]) => lanes.slice(1), /names the states of 2 lanes, not of 3/],
    [
      'what is none',
      (lanes: object[]) => [{ ...lanes[0], key: 'runs/x/lanes/0/0-e1' }, ...lanes.slice(1)],
      /names runs\/x\/lanes\/0\/0-e1, which is no lane's state of this run/,
    ],
  ])('of a checkpoint that names %s are refused', async (_what, change, message) => {
    const run = await newRun();
    await stopAfter(run, 4);
    const key = checkpointKeys.meta(runKeys.checkpoint(run.config.runId, 4, 1));
    const meta = JSON.parse(Buffer.from((await run.store.get(key)).bytes).toString());
    await run.store.put(key, Buffer.from(JSON.stringify({ ...meta, lanes: change(meta.lanes) })));
    await expect(run.play()).rejects.toThrow(message);
  });
});

function floats(hex = ''): Float32Array {
  const bytes = Buffer.from(hex, 'hex');
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  return new Float32Array(Uint8Array.from(bytes.subarray(start)).buffer);
}
