import { expect, it } from 'vitest';
import { meterTime } from '../../lib/cloud/billed-time.ts';
import { meterCost } from '../../lib/cloud/cost.ts';
import { RunEventBus, timingOf } from '../../lib/run/events.ts';
import { runConfig } from '../../support/fixtures.ts';

const timing = { loadMs: 100, computeMs: 800, encodeMs: 50 };

/** What answers cost, beside the coordinator's own time, which is next to nothing here. */
async function costOf(
  answers: number,
  data: { bytes: number; crc32: string; key?: string },
): Promise<number> {
  const bus = new RunEventBus();
  const cost = meterCost(bus, meterTime(bus), { coordinatorMb: 1, workerMb: 1024 });
  for (let index = 0; index < answers; index++) {
    await bus.emit('answered', { round: 'step-0', index, memory: undefined, timing, data });
  }
  return cost();
}

it('is that of a second of a gigabyte, and of 34 requests, for an answer of 946 kB', async () => {
  // 16 requests of 64 KiB each to send the answer and to receive it, one to delete it; the job took 3.
  const requests = 2 * 15 + 1 + 3;
  const expected = 0.0000166667 + 0.2e-6 + requests * 0.4e-6 + 0.4e-6;
  expect(await costOf(1000, { bytes: 709_600, crc32: '' })).toBeCloseTo(1000 * expected, 5);
});

it('is less for an answer in the store', async () => {
  const inline = await costOf(100, { bytes: 700_000, crc32: '' });
  expect(await costOf(100, { bytes: 1_400_000, crc32: '', key: 'x' })).toBeLessThan(inline);
});

it('is that of the whole time of resident workers, whatever they do with it', async () => {
  const costWith = async (residents: number, answers: number) => {
    const bus = new RunEventBus();
    const cost = meterCost(bus, meterTime(bus), { coordinatorMb: 0, workerMb: 1024 });
    await bus.emit('residents', { size: residents, started: residents });
    const data = { bytes: 0, crc32: '' };
    for (let index = 0; index < answers; index++) {
      await bus.emit('answered', { round: 'step-0', index, memory: undefined, timing, data });
    }
    return cost();
  };
  // Their last wait for a job, which is paid after the run has ended, is in it from the beginning.
  const waiting = 1000 * (5 * 0.0000166667 + 0.2e-6);
  expect(await costWith(1000, 0)).toBeGreaterThan(waiting);
  const working = (await costWith(1000, 100)) - (await costWith(1000, 0));
  expect(working).toBeLessThan(100 * 0.0000166667); // a second each is not paid once more
});

it('counts the requests for a round of lanes: both networks and the state of each', async () => {
  const bus = new RunEventBus();
  const cost = meterCost(bus, meterTime(bus), { coordinatorMb: 0, workerMb: 0 });
  const config = runConfig({ localIterations: 10 });
  await bus.emit('started', { config, iteration: 0, epoch: 1 });
  const lane = { iterations: [], state: { key: 'runs/x/lanes/0/0-e1', crc32: '0123abcd' } };
  const data = { bytes: 100, crc32: '', key: 'x' };
  await bus.emit('answered', { round: 'local-0', index: 0, timing, data, lane });
  const stepTiming = timingOf(() => 1);
  const steps = [{ step: 0, phase: 'local', timing: stepTiming }];
  await bus.emit('iteration', { iteration: 0, epoch: 1, metrics: {}, ms: 1, steps });
  // Written: both networks, the answer, the state. Read: both networks, the state before, the answer.
  const requests = 4 * 5e-6 + 4 * 0.4e-6 + 3 * 0.4e-6 + 0.2e-6;
  expect(cost()).toBeCloseTo(requests, 9);
});
