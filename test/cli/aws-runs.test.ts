import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { FunctionFailedError, invokeFunction, startFunction } from '../../lib/aws/functions.ts';
import { runKeys } from '../../lib/run/record/keys.ts';
import type { S3Store } from '../../lib/store/s3.ts';
import { runId } from '../../support/stored-run.ts';
import { Cloud } from '../localstack/cloud.ts';
import { linesOf } from '../localstack/scratch.ts';
import { testFolders } from '../support/folders.ts';
import { START_MS } from '../support/shared-localstack.ts';
import { createStack, openAccount } from './aws-stack.ts';
import { testCommandLine } from './command-line.ts';
import { runHere, startHere } from './here.ts';
import { until } from './processes.ts';
import { StoredCoordinator } from './stored-iterations.ts';

/** Answers as the coordinator function does, and keeps what it was asked; the run is the test's. */
const COORDINATOR = `
  import { appendFileSync } from 'node:fs';
  export const handler = async ({ file, bucket, ...event }) => {
    if (event.seed === 13) {
      throw Object.assign(new Error('seed 13: brings bad luck'), { name: 'UsageError' });
    }
    if (event.seed === 14) throw new TypeError('a fault');
    appendFileSync(process.env.ASKED, JSON.stringify(event) + '\\n');
    return event.seed === 15 ? {} : { runId: event.runId, bucket: 'b', prefix: 'runs/' };
  };`;

const folder = testFolders();
const commandLine = testCommandLine();
let store: S3Store;
let name: string;
let asked: () => unknown[];
beforeAll(async () => {
  const account = await openAccount();
  const file = join(await folder(), 'asked');
  name = await new Cloud(account).deploy(COORDINATOR, {
    Environment: { Variables: { ASKED: file } },
  });
  asked = () => linesOf(file).map((line) => JSON.parse(line));
  store = await createStack('Runs', { CoordinatorFunctionName: name });
}, START_MS);
afterAll(() => void vi.unstubAllEnvs());

const AWS = ['--target', 'aws'];
const iterationsOf = (lines: readonly string[]) => lines.map((line) => JSON.parse(line).iteration);

describe('train', () => {
  test('asks the coordinator function and shows each iteration once, in order', async () => {
    const [id, iterations] = [runId(1), 4];
    const coordinator = await StoredCoordinator.begin(store, { runId: id, iterations });
    const settings = ['--iterations', '4', '--batch', '8', '--threads', '1', '--run-id', id];
    const command = startHere(['train', '--json', ...settings, ...AWS]);
    await coordinator.iterations(0, 1);
    await until(() => command.stdout.lines.length === 2, 'two iterations');
    const next = await resumed(coordinator, id);
    await next.iterations(1, 3);
    await next.end({ status: 'finished', iteration: 4 });
    const { code, stderr, lines } = await command.ended;

    expect([code, iterationsOf(lines)]).toEqual([0, [0, 1, 2, 3]]);
    expect(lines[0]).toMatch(
      /^\{"iteration":0,"gCost":1.5,"dCost":0.5,"maxPixel":1,"dFake":0.25,"dReal":0.75,"ms":12,/,
    );
    expect(stderr).toContain(`Run ${id} is finished after 4 of 4 iterations`);
    const trigger = { action: 'train', preset: 'digits', iterations: 4, batch: 8, threads: 1 };
    expect(asked()).toEqual([{ ...trigger, runId: id }]);
  });

  test('--detach prints the id, and what to do next', async () => {
    const id = runId(2);
    await StoredCoordinator.begin(store, { runId: id });
    const { code, stdout, stderr } = await runHere(['train', '--detach', '--run-id', id, ...AWS]);
    expect([code, stdout]).toEqual([0, `${id}\n`]);
    expect(stderr).toContain(`npx lambduel watch ${id} --target aws\n`);
    expect(stderr).toContain(`npx lambduel cancel ${id} --target aws\n`);
  });

  test('ends with 1 and the run’s error when the run fails', async () => {
    const id = runId(3);
    const coordinator = await StoredCoordinator.begin(store, { runId: id });
    await coordinator.end({ status: 'failed', error: { name: 'Error', message: 'it diverged' } });
    const { code, stderr } = await runHere(['train', '--run-id', id, '--json', ...AWS]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: Run \S+ has failed: it diverged\nhint: See `lambduel logs /m);
  });

  test.each([
    ['refuses the settings', '13', 2, /^error: seed 13: brings bad luck$/m],
    ['has a fault', '14', 1, /^error: The function \S+ failed: a fault\nhint: .*lambduel logs/m],
    ['is another version', '15', 1, /answers in a form .*\nhint: Deploy the stack again/m],
  ])('when the function %s', async (_what, seed, exitCode, text) => {
    const { code, stdout, stderr } = await runHere(['train', '--seed', seed, ...AWS]);
    expect(stderr).toMatch(text);
    expect([code, stdout]).toEqual([exitCode, '']);
  });
});

/** The run's next coordinator, after the first one has handed over. */
async function resumed(before: StoredCoordinator, id: string): Promise<StoredCoordinator> {
  await before.end({ status: 'running', iteration: 1, checkpoint: { iteration: 1, epoch: 1 } });
  return StoredCoordinator.begin(store, { runId: id });
}

describe('resume', () => {
  test('asks the coordinator function and watches from the checkpoint on', async () => {
    const id = runId(4);
    const first = await StoredCoordinator.begin(store, { runId: id, iterations: 4 });
    await first.iterations(0, 2);
    await first.end({ status: 'stopped', iteration: 2, checkpoint: { iteration: 2, epoch: 1 } });
    const command = startHere(['resume', id, '--json', ...AWS]);
    await until(() => command.stdout.lines.length > 0, 'an iteration');
    const second = await StoredCoordinator.begin(store, { runId: id });
    await second.iterations(2, 3);
    await second.end({ status: 'finished', iteration: 4 });
    const { code, lines } = await command.ended;
    expect([code, iterationsOf(lines)]).toEqual([0, [2, 3]]);
    expect(asked()).toContainEqual({ action: 'resume', runId: id });
  });

  test('has nothing to do for a run that is going on, or finished', async () => {
    const id = runId(5);
    const coordinator = await StoredCoordinator.begin(store, { runId: id });
    const busy = await runHere(['resume', id, ...AWS]);
    expect([busy.code, busy.stderr]).toEqual([1, expect.stringContaining('is being advanced by')]);
    await coordinator.end({ status: 'finished' });
    const ended = await runHere(['resume', id, ...AWS]);
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('is finished')]);
  });
});

describe('watch', () => {
  test('says what was billed when the run has ended', async () => {
    const id = runId(12);
    const coordinator = await StoredCoordinator.begin(store, { runId: id, iterations: 1 });
    await coordinator.iterations(0, 0);
    const billed = { coordinatorMs: 11_500, workersMs: 41_000, residentsMs: 0 };
    await coordinator.end({ status: 'finished', iteration: 1, billed, cost: 0.01 });
    const { stderr } = await runHere(['watch', id, ...AWS]);
    expect(stderr).toContain(
      'Billed, as estimated: coordinator 12 s, workers 41 s; in all about $0.0100\n',
    );
    expect(stderr).toContain(`  npx lambduel report ${id} --target aws\n`);
  });

  test('shows a run to its end, beginning with its last iteration', async () => {
    const id = runId(6);
    const coordinator = await StoredCoordinator.begin(store, { runId: id, iterations: 8 });
    await coordinator.iterations(0, 5);
    const command = startHere(['watch', id, ...AWS]);
    await until(() => command.stderr.text.includes('iteration 6/8'), 'the sixth iteration');
    await coordinator.iterations(6, 7);
    await store.put(runKeys.samples(id, 8), new Uint8Array(1));
    await coordinator.end({ status: 'cancelled', iteration: 8 });
    const { code, stdout, stderr } = await command.ended;
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).not.toContain('iteration 1/8');
    expect(stderr).toContain(`Run ${id} is cancelled after 8 of 8 iterations`);
    expect(stderr).toContain(`s3://${store.bucket}/${runKeys.samples(id, 8)}`);
  });

  test('says once that the watchdog replaces a coordinator that is gone', async () => {
    const id = runId(8);
    const coordinator = await StoredCoordinator.begin(store, { runId: id }, 1);
    const command = startHere(['watch', id, ...AWS]);
    const said = `Run ${id} is interrupted: its coordinator is gone; the watchdog takes it up`;
    await until(() => command.stderr.text.includes(said), 'the note');
    await coordinator.end({ status: 'finished' });
    expect((await command.ended).stderr.split(said)).toHaveLength(2);
  });

  test('Ctrl-C ends the watching, not the run', async () => {
    const id = runId(7);
    const coordinator = await StoredCoordinator.begin(store, { runId: id });
    await coordinator.iterations(0, 0);
    const command = commandLine.start('watch', id, '--json', ...AWS);
    await until(() => command.lines.length > 0, 'an iteration');
    command.interrupt();
    const { code, stderr } = await command.end();
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(
      `Run ${id} goes on.\nWatch it with: npx lambduel watch ${id} --target aws`,
    );
    await coordinator.end({ status: 'finished' });
  });

  test('of a run that there is not', async () => {
    const { code, stderr } = await runHere(['watch', runId(99), ...AWS]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: There is no run /)]);
  });
});

describe('functions', () => {
  test('answer, or fail with what they threw', async () => {
    const answer = { runId: 'x', bucket: 'b', prefix: 'runs/' };
    expect(await invokeFunction(name, { runId: 'x' })).toEqual(answer);
    const failure = await invokeFunction(name, { seed: 14 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(FunctionFailedError);
    expect(failure).toMatchObject({ errorType: 'TypeError', errorMessage: 'a fault' });
  });

  test('are started without waiting for them', async () => {
    await startFunction(name, { runId: 'started' });
    const runs = () => asked().map((one) => (one as { runId: string }).runId);
    await until(() => runs().includes('started'), 'it');
    expect(runs()).toContain('started');
  });

  test('that are not there are an error that says so', async () => {
    const missing = invokeFunction('missing', {});
    await expect(missing).rejects.toThrow('There is no function missing in this region');
  });
});
