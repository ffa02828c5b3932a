import { describe, expect, test } from 'vitest';
import { layOut } from '../../lib/numeric/parameter-block.ts';
import { systemClock } from '../../lib/run/clock.ts';
import { DEFAULT_FLEET, NO_LIMITS, readHead } from '../../lib/run/record/head.ts';
import { describeWeights, objectsOf } from '../../lib/run/record/initial-weights.ts';
import { createRun } from '../../lib/run/record/runs.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { decodeParameters, encodeParameters } from '../../lib/wire/parameters.ts';
import { testFolders } from '../support/folders.ts';
import { play, tinyConfig } from './scripted-run.ts';

const folder = testFolders();
const LAYOUT = layOut([{ name: 'maker.at', shape: [2] }]);
const MAKER = encodeParameters(LAYOUT, Float32Array.of(3, -4));
const WEIGHTS = { source: 'a file', files: new Map([['maker', MAKER]]) };

/** A run of the tiny program that begins with given weights of one of its networks. */
async function newRun(change: object = {}) {
  const store = await DiskStore.open(await folder());
  const config = tinyConfig({ initial: describeWeights(WEIGHTS), ...change });
  await createRun(
    store,
    config,
    systemClock,
    NO_LIMITS,
    DEFAULT_FLEET,
    objectsOf(config.runId, WEIGHTS),
  );
  const final = async (name: string) => {
    const { checkpoint } = (await readHead(store, config.runId)).head;
    const key = `runs/${config.runId}/checkpoints/${checkpoint?.iteration}-e${checkpoint?.epoch}/${name}.safetensors`;
    return (await store.get(key)).bytes;
  };
  return { store, runId: config.runId, final };
}

describe('a run with given weights of a network', () => {
  test('begins with them, its average too, and other networks with the seed', async () => {
    const begin = { iterations: 1, learningRate: 1e-12, emaHalfLife: 10 };
    const given = await newRun(begin);
    const seed = await newRun({ ...begin, initial: undefined });
    await play(given);
    await play(seed);
    for (const name of ['maker', 'ema-maker']) {
      const values = decodeParameters(LAYOUT, await given.final(name), name);
      expect([...values].map(Math.round)).toEqual([3, -4]);
    }
    expect(await given.final('spread')).toEqual(await seed.final('spread'));
    expect(await given.final('maker')).not.toEqual(await seed.final('maker'));
  });

  test('comes to the same bits when it is stopped before its first checkpoint counts', async () => {
    const whole = await newRun();
    await play(whole);
    const parted = await newRun();
    const { store } = parted;
    const failing = {
      assertHealthy: () => {
        throw new Error('gone');
      },
    };
    await expect(play({ ...parted, owner: 'one', change: failing })).rejects.toThrow('gone');
    await play({ store, runId: parted.runId, owner: 'two' });
    expect(await parted.final('maker')).toEqual(await whole.final('maker'));
  });

  test('fails, with the key, when they are damaged', async () => {
    const { store, runId } = await newRun();
    const [key] = [...objectsOf(runId, WEIGHTS).keys()] as [string];
    const { etag } = await store.get(key);
    await store.replace(key, encodeParameters(LAYOUT, Float32Array.of(3, 4)), etag);
    await expect(play({ store, runId })).rejects.toThrow(`${key} is damaged`);
  });
});
