import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { decodeGenerator } from '../../lib/wire/generator-file.ts';
import { readRun, runId } from '../../support/stored-run.ts';
import { testFolders } from '../support/folders.ts';
import { type RunningCommand, testCommandLine } from './command-line.ts';
import { runHere } from './here.ts';

const folder = testFolders();
const commandLine = testCommandLine();
let store: string;
beforeAll(async () => {
  store = await folder();
});

const LONG = ['--preset', 'dcgan', '--features', '4', '--batch', '64', '--iterations', '5000'];

function train(number: number, ...options: string[]): RunningCommand {
  const own = ['--run-id', runId(number), '--store', store];
  return commandLine.start('train', '--json', ...LONG, ...own, ...options);
}

test.each<[string, number, string[], (command: RunningCommand) => Promise<unknown>]>([
  ['Ctrl-C', 1, [], async (command) => command.interrupt()],
  ['a limit', 2, ['--max-minutes', '0.0001'], async () => {}],
  ['cancel', 3, [], () => runHere(['cancel', runId(3), '--store', store])],
])('after %s there is the generator of the last checkpoint', async (_, number, options, end) => {
  const command = train(number, ...options);
  await command.untilIteration(0);
  await end(command);
  const { code, stderr } = await command.end();
  expect(code, stderr).toBe(0);

  const { head } = await readRun(store, runId(number));
  const path = join(store, 'runs', runId(number), 'generator.safetensors');
  const file = decodeGenerator(await readFile(path), path);
  expect(file?.iteration).toBe(head.checkpoint?.iteration);
  await expectSameImages(runId(number), path);
});

test('after a crash, images are drawn from the last checkpoint', async () => {
  const command = train(4, '--checkpoint-every', '2');
  await command.untilIteration(3);
  await command.crash();
  const { head } = await readRun(store, runId(4));
  const out = join(store, 'crash.png');

  const { code, stderr } = await runHere(['generate', runId(4), '--out', out, '--store', store]);

  expect(code, stderr).toBe(0);
  expect(stderr).toContain(`run ${runId(4)}, iteration ${head.checkpoint?.iteration}`);
});

async function expectSameImages(...sources: string[]): Promise<void> {
  const images: Buffer[] = [];
  for (const source of sources) {
    const out = join(store, `${images.length}.npy`);
    const args = ['generate', source, '--count', '4', '--out', out, '--store', store];
    const { code, stderr } = await runHere(args);
    expect(code, stderr).toBe(0);
    images.push(await readFile(out));
  }
  expect(images[1]).toEqual(images[0]);
}
