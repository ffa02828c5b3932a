import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readRun, runId } from '../../support/stored-run.ts';
import { testFolders } from '../support/folders.ts';
import { runToEnd } from './command-line.ts';
import { runHere } from './here.ts';

const folder = testFolders();
const RUN = '20260131-235959-0000';
let store: string;
let out: string;

const TRAIN = ['--preset', 'dcgan', '--features', '4', '--batch', '64', '--iterations', '2'];

beforeAll(async () => {
  [store, out] = [await folder(), await folder()];
  await succeed(runToEnd(['train', ...TRAIN, '--seed', '5', '--run-id', RUN, '--store', store]));
});

async function succeed(running: Promise<{ code: number | null; stderr: string }>): Promise<void> {
  const { code, stderr } = await running;
  expect(code, stderr).toBe(0);
}

/** A safetensors file's header, read by its format's description. */
function headerOf(file: Buffer): Record<string, Record<string, unknown>> {
  return JSON.parse(file.subarray(8, 8 + Number(file.readBigUInt64LE(0))).toString());
}

test('holds averaged weights and statistics, and says what they are of', async () => {
  const file = await readFile(join(store, 'runs', RUN, 'generator.safetensors'));
  const { __metadata__: metadata = {}, ...tensors } = headerOf(file);
  expect(metadata).toMatchObject({
    ...{ program: 'dcgan', shape: '[28,28,1]', latent: '64', seed: '5', iteration: '2' },
  });
  expect(JSON.parse(metadata.settings as string)).toMatchObject({ size: 28, features: 4 });
  const { files } = await readRun(store, runId(0));
  const checkpoint = files.find((path) => path.endsWith('ema-G.safetensors')) as string;
  const averaged = await readFile(join(store, 'runs', RUN, checkpoint));
  const weights = averaged.subarray(8 + Number(averaged.readBigUInt64LE(0)));
  expect(file.includes(weights)).toBe(true);
  expect(Object.keys(tensors).filter((name) => name.startsWith('statistics.'))).toEqual([
    ...['statistics.mean0', 'statistics.variance0', 'statistics.mean1', 'statistics.variance1'],
  ]);
});

test('draws the sample grid of its run again, when nothing else is left', async () => {
  const grid = await readFile(join(store, 'runs', RUN, 'samples', '2.png'));
  const file = join(out, 'alone.safetensors');
  await copyFile(join(store, 'runs', RUN, 'generator.safetensors'), file);
  const draw = async (source: string, name: string) => {
    const path = join(out, name);
    await succeed(runHere(['generate', source, '--seed', '5', '--out', path, '--store', store]));
    return readFile(path);
  };
  expect(await draw(RUN, 'run.png')).toEqual(grid);
  await rm(join(store, 'runs', RUN), { recursive: true });
  expect(await draw(file, 'file.png')).toEqual(grid);
});
