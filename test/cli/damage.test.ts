import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { filesIn, leftovers, readRun, runId } from '../../support/stored-run.ts';
import { testFolders } from '../support/folders.ts';
import { type Outcome, runToEnd } from './command-line.ts';
import { runHere } from './here.ts';

const CHECKPOINT = `runs/${runId()}/checkpoints/2-e1`;

const folder = testFolders();
let template: string;

/** A run of two iterations that is then said to have been stopped on its way to four. */
beforeAll(async () => {
  template = await folder();
  const settings = ['--iterations', '2', '--batch', '8', '--run-id', runId(), '--store', template];
  const { code, stderr } = await runToEnd(['train', ...settings]);
  expect(code, stderr).toBe(0);
  await edit(template, `runs/${runId()}/config.json`, '"iterations": 2', '"iterations": 4');
  await edit(template, `runs/${runId()}/head.json`, '"finished"', '"stopped"');
});

async function edit(store: string, key: string, from: string, to: string): Promise<void> {
  const text = await readFile(join(store, key), 'utf8');
  expect(text).toContain(from);
  await writeFile(join(store, key), text.replace(from, to));
}

/** A copy of the store, for a test to damage. */
async function copy(): Promise<string> {
  const store = await folder();
  await cp(template, store, { recursive: true });
  return store;
}

function resume(store: string): Promise<Outcome> {
  return runHere(['resume', runId(), '--workers', '1', '--store', store]);
}

async function flipByte(store: string, key: string): Promise<void> {
  const bytes = await readFile(join(store, key));
  bytes[bytes.length - 100] = (bytes[bytes.length - 100] as number) ^ 1;
  await writeFile(join(store, key), bytes);
}

/** Expect one clear sentence that names an object, and a run that is not said to be running. */
async function expectFailure(store: string, outcome: Outcome, what: RegExp): Promise<void> {
  expect(outcome.stderr).toMatch(what);
  expect(outcome.stderr.match(/^error: /gm)).toHaveLength(1);
  expect(outcome.stderr).not.toContain('    at ');
  expect(outcome.code).toBe(1);
  const { head, files } = await readRun(store);
  expect(head).toMatchObject({ status: 'failed', lease: null, checkpoint: { iteration: 2 } });
  expect(outcome.stderr).toContain(head.error?.message);
  expect(files.filter((name) => /^(weights|gradients)\//.test(name))).toEqual([]);
  expect(await leftovers(store)).toEqual([]);
}

describe.concurrent('resume, from a checkpoint', () => {
  test('that lacks a file', async () => {
    const store = await copy();
    await rm(join(store, CHECKPOINT, 'D.safetensors'));
    const message = new RegExp(`^error: .*there is no ${CHECKPOINT}/D\\.safetensors`, 'm');
    await expectFailure(store, await resume(store), message);
  });

  test('that lacks its description', async () => {
    const store = await copy();
    await rm(join(store, CHECKPOINT, 'meta.json'));
    const message = new RegExp(`^error: .*there is no ${CHECKPOINT}/meta\\.json`, 'm');
    await expectFailure(store, await resume(store), message);
  });

  test('that has one bit wrong', async () => {
    const store = await copy();
    await flipByte(store, `${CHECKPOINT}/adam-G.safetensors`);
    const message = new RegExp(`^error: ${CHECKPOINT}/adam-G\\.safetensors is damaged`, 'm');
    await expectFailure(store, await resume(store), message);
  });

  test('that is whole again, after it was not, goes on', async () => {
    const store = await copy();
    const path = join(store, CHECKPOINT, 'G.safetensors');
    const whole = await readFile(path);
    await writeFile(path, whole.subarray(0, whole.length / 2));
    await expectFailure(store, await resume(store), /G\.safetensors is damaged/);
    await writeFile(path, whole);
    const { code, stderr } = await resume(store);
    expect(code, stderr).toBe(0);
    expect((await readRun(store)).head).toMatchObject({ status: 'finished', iteration: 4 });
  });
});

describe.concurrent('resume, with a dataset', () => {
  async function imagesIn(store: string): Promise<string> {
    return (await filesIn(store)).find((name) => name.endsWith('images.u8')) as string;
  }

  test('that has one bit wrong', async () => {
    const store = await copy();
    await flipByte(store, await imagesIn(store));
    await expectFailure(store, await resume(store), /^error: .*images\.u8 is damaged/m);
  });

  test('that is not there', async () => {
    const store = await copy();
    await rm(join(store, 'datasets'), { recursive: true });
    await expectFailure(store, await resume(store), /^error: .*There is no dataset digits/m);
  });
});

describe.concurrent('a run whose own files are damaged', () => {
  test.each(['config.json', 'head.json'])('%s', async (name) => {
    const store = await copy();
    const path = join(store, 'runs', runId(), name);
    await writeFile(path, (await readFile(path)).subarray(0, 50));
    for (const command of ['status', 'resume']) {
      const { code, stderr } = await runHere([command, runId(), '--store', store]);
      expect(stderr).toMatch(new RegExp(`^error: runs/${runId()}/${name} is not JSON`));
      expect(code).toBe(1);
    }
    const { stdout } = await runHere(['runs', '--store', store]);
    expect(stdout).toContain('unreadable');
  });
});
