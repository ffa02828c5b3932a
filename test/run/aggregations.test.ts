import { expect, it } from 'vitest';
import { networkLayout } from '../../lib/program/network.ts';
import { LocalQueueService } from '../../lib/queue/local.ts';
import { systemClock } from '../../lib/run/clock.ts';
import { aggregations } from '../../lib/run/coordinator/aggregations.ts';
import { advance } from '../../lib/run/coordinator/coordinator.ts';
import { RunEventBus } from '../../lib/run/events.ts';
import { CheckpointReader } from '../../lib/run/record/checkpoint.ts';
import { readHead } from '../../lib/run/record/head.ts';
import { createRun } from '../../lib/run/record/runs.ts';
import { initialState } from '../../lib/run/record/training-state.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { runConfig } from '../../support/fixtures.ts';
import { answerJobs, tinyPrograms } from '../../support/tiny-program.ts';
import { testFolders } from '../support/folders.ts';
import { signDescent } from './sign-descent.ts';

const folder = testFolders();
const programs = tinyPrograms();

it('an aggregation that no other file knows trains a run, over a resumption too', async () => {
  // Prepare
  const store = await DiskStore.open(await folder());
  const reference = { name: 'tiny', settings: {} };
  const config = runConfig({ program: reference, iterations: 5, shards: 3, learningRate: 0.25 });
  await createRun(store, config, systemClock);
  const queues = new LocalQueueService();
  const jobs = await queues.create('jobs', { visibilityMs: 60_000 });
  const worker = answerJobs(queues, jobs); // each gradient is all ones
  const phases = new Set<string>();
  let done = 0;
  const events = new RunEventBus().on('iteration', ({ steps }) => {
    done++;
    for (const { phase } of steps) phases.add(phase);
  });
  const context = {
    store,
    queues,
    jobs,
    programs,
    events,
    clock: systemClock,
    aggregations: [{ isFor: () => true, create: signDescent }, ...aggregations], // the one line
    leaseMs: 60_000,
    assertHealthy: () => {},
  };

  // Act
  const shouldStop = () => done === 2;
  const first = await advance({ ...context, owner: 'a', shouldStop }, config.runId);
  const second = await advance({ ...context, owner: 'b', shouldStop: () => false }, config.runId);
  await queues.remove('jobs');
  await worker;

  // Assess
  expect([first, second]).toEqual(['stopped', 'finished']);
  expect([...phases]).toEqual(['signs']);
  const program = programs.create(reference);
  const network = program.networks[0] as (typeof program.networks)[0];
  const { head } = await readHead(store, config.runId);
  const at = head.checkpoint ?? { iteration: 0, epoch: 0 };
  const reader = await CheckpointReader.open(store, config.runId, at);
  const begun = initialState(program, config.seed).get('N')?.adam.parameters as Float32Array;
  let expected = begun;
  for (let i = 0; i < 5; i++) expected = expected.map((value) => value - 0.25);
  expect(await reader.block('N', networkLayout(network))).toEqual(expected);
  expect(reader.updates('N')).toBe(5);
});
