import { beforeAll, expect, test } from 'vitest';
import { leftovers, readRun, runId } from '../../support/stored-run.ts';
import { testFolders } from '../support/folders.ts';
import { testCommandLine } from './command-line.ts';
import { runHere } from './here.ts';

const folder = testFolders();
const commandLine = testCommandLine();
let store: string;

beforeAll(async () => {
  store = await folder();
});

function train(number: number) {
  const settings = ['--iterations', '5000', '--batch', '8', '--run-id', runId(number)];
  return commandLine.start('train', '--json', ...settings, '--store', store);
}

test('cancel ends a run that another process advances, for good', async () => {
  const command = train(0);
  await command.untilIteration(0);
  const status = await runHere(['status', runId(), '--json', '--store', store]);
  expect(JSON.parse(status.stdout).status).toBe('running');

  const asked = await runHere(['cancel', runId(), '--store', store]);
  expect(asked).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('has been asked to end'),
  });
  const { code, stderr } = await command.end();

  expect(code, stderr).toBe(0);
  expect(stderr).toContain(`Run ${runId()} is cancelled`);
  await command.workersGone();
  const { head, files } = await readRun(store);
  expect(head).toMatchObject({ status: 'cancelled', lease: null });
  expect(head.checkpoint?.iteration).toBe(command.lines.length);
  expect(files.filter((name) => /^(weights|gradients)\//.test(name))).toEqual([]);
  expect(await leftovers(store)).toEqual([]);

  const resumed = await runHere(['resume', runId(), '--store', store]);
  expect(resumed.code).toBe(1);
  expect(resumed.stderr).toMatch(/^error: Run .* is cancelled/);
});

test('a run cannot be resumed while it is advanced, and is cancelled at once when it is not', async () => {
  const command = train(1);
  await command.untilIteration(0);
  const { code, stderr } = await runHere(['resume', runId(1), '--workers', '1', '--store', store]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: Run .* is being advanced by process \d+/m);
  expect(stderr).not.toContain('    at ');
  expect(command.hasEnded).toBe(false);
  command.interrupt();
  expect((await command.end()).code).toBe(0);

  const cancelled = await runHere(['cancel', runId(1), '--store', store]);
  expect(cancelled).toMatchObject({ code: 0, stderr: expect.stringContaining('is cancelled') });
  expect((await readRun(store, runId(1))).head.status).toBe('cancelled');
});
