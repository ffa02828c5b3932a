import { beforeAll, describe, expect, test } from 'vitest';
import { finalWeights, leftovers, readRun, runId, sameWeights } from '../../support/stored-run.ts';
import { testFolders } from '../support/folders.ts';
import { type RunningCommand, runToEnd, testCommandLine } from './command-line.ts';
import { runHere } from './here.ts';
import { isAlive, until } from './processes.ts';

const ITERATIONS = '16';

const folder = testFolders();
/** One coordinator at a time here, so a lease may run out soon after a crash. */
const commandLine = testCommandLine({ LAMBDUEL_LEASE_MS: '1000' });
let store: string;
let undisturbed: Record<'D' | 'G', Buffer>;

beforeAll(async () => {
  store = await folder();
  await runToEnd(trainArgs(0));
  undisturbed = await finalWeights(store, runId(0));
});

function trainArgs(number: number): string[] {
  const settings = ['--iterations', ITERATIONS, '--batch', '16', '--shards', '4', '--seed', '11'];
  const others = ['--checkpoint-every', '3', '--workers', '2', '--run-id', runId(number)];
  return ['train', '--json', ...settings, ...others, '--store', store];
}

function train(number: number): RunningCommand {
  return commandLine.start(...trainArgs(number));
}

function resume(number: number): RunningCommand {
  return commandLine.start('resume', runId(number), '--json', '--workers', '2', '--store', store);
}

/** Expect a command to have brought its run to the end that it would have had undisturbed. */
async function expectUndisturbedEnd(
  command: RunningCommand,
  number: number,
  expected = undisturbed,
): Promise<void> {
  const { code, stderr } = await command.end();
  expect(code, stderr).toBe(0);
  const { head, files } = await readRun(store, runId(number));
  expect(head).toMatchObject({ status: 'finished', iteration: Number(ITERATIONS), lease: null });
  expect(files.filter((name) => /^(weights|gradients)\//.test(name))).toEqual([]);
  expect(sameWeights(await finalWeights(store, runId(number)), expected)).toBe(true);
  await command.workersGone();
}

describe('a coordinator that is killed', () => {
  test('can be killed again and again: resume ends in the same bytes', async () => {
    const first = train(1);
    await first.untilIteration(1); // before there is any checkpoint
    await first.crash();
    const second = resume(1);
    await second.untilIteration(7); // after checkpoints, in the middle between two
    await second.crash();
    const third = resume(1);
    await third.untilIteration(8); // while it writes one, or nearly
    await third.crash();

    await expectUndisturbedEnd(resume(1), 1);
    expect((await readRun(store, runId(1))).head.epoch).toBe(4);
    expect(await leftovers(store)).toEqual([]);
  });

  test('before its first iteration, leaves a run that is not said to be running', async () => {
    const command = train(2);
    await until(async () => (await command.workers()).length > 0, 'the first worker');
    await command.crash();
    const args = [runId(2), '--store', store];
    await until(async () => {
      const { stdout } = await runHere(['status', ...args, '--json']);
      return JSON.parse(stdout).status !== 'running'; // as soon as its lease has run out
    }, 'the end of the lease');

    await expectUndisturbedEnd(resume(2), 2);
  });
});

test('workers that are killed are replaced, and nobody can tell from the weights', async () => {
  const command = train(3);
  const kill = async (count: number) => {
    await until(async () => (await command.workers()).length >= 2, 'two workers');
    for (const pid of (await command.workers()).slice(0, count)) process.kill(pid, 'SIGKILL');
  };
  await kill(1); // while it starts
  await command.untilIteration(1);
  await kill(1);
  await command.untilIteration(5);
  await kill(2);
  await command.untilIteration(9);
  await kill(1);
  await expectUndisturbedEnd(command, 3);
});

describe('a run with local iterations', () => {
  const local = ['--local-iterations', '3'];
  let lanes: Record<'D' | 'G', Buffer>;

  beforeAll(async () => {
    await runToEnd([...trainArgs(6), ...local]);
    lanes = await finalWeights(store, runId(6));
  });

  test('whose coordinator and workers are killed ends in the same bytes, and leaves no state behind', async () => {
    const first = commandLine.start(...trainArgs(7), ...local);
    await first.untilIteration(2); // before there is any checkpoint, or nearly
    await first.crash();
    const second = resume(7);
    await second.untilIteration(5);
    for (const pid of (await second.workers()).slice(0, 1)) process.kill(pid, 'SIGKILL');
    await second.untilIteration(11);
    await second.crash();
    await expectUndisturbedEnd(resume(7), 7, lanes);
    const { files } = await readRun(store, runId(7));
    expect(files.filter((name) => name.startsWith('lanes/'))).toHaveLength(3 * 4);
  });

  test('stops at a boundary by Ctrl-C, and goes on from it', async () => {
    const command = commandLine.start(...trainArgs(8), ...local);
    await command.untilIteration(4);
    command.interrupt();
    const { code, stderr } = await command.end();
    expect(code, stderr).toBe(0);
    const { head } = await readRun(store, runId(8));
    expect(head.checkpoint?.iteration).toBe(command.lines.length);
    expect(command.lines.length % 3).toBe(0);
    await expectUndisturbedEnd(resume(8), 8, lanes);
  });
});

describe('Ctrl-C', () => {
  test('stops at a checkpoint, from which the run goes on', async () => {
    const command = train(4);
    await command.untilIteration(4);
    command.interrupt();
    const { code, stderr } = await command.end();
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(`resume ${runId(4)}`);
    await command.workersGone();
    const { head } = await readRun(store, runId(4));
    expect(head).toMatchObject({ status: 'stopped', lease: null });
    expect(head.checkpoint?.iteration).toBe(command.lines.length);

    await expectUndisturbedEnd(resume(4), 4);
  });

  test('pressed again, ends everything at once', async () => {
    const command = train(5);
    await command.untilIteration(1);
    const workers = await command.workers();
    for (const pid of workers) process.kill(pid, 'SIGSTOP'); // the step cannot end
    command.interrupt();
    await command.untilSaid('Stopping at a checkpoint');
    command.interrupt();
    const { code, stderr } = await command.end();
    for (const pid of workers.filter(isAlive)) process.kill(pid, 'SIGCONT');
    expect(code).toBe(1);
    expect(stderr).not.toContain('    at ');
    await command.workersGone();
    expect((await readRun(store, runId(5))).head.lease).not.toBeNull(); // as after a crash
  });
});
