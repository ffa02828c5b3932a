import { expect, it } from 'vitest';
import { meterTime } from '../../lib/cloud/billed-time.ts';
import { RunEventBus } from '../../lib/run/events.ts';

const answer = {
  round: 'step-0',
  index: 0,
  timing: { loadMs: 100, compileMs: 50, computeMs: 700, encodeMs: 100 },
  data: { bytes: 1, crc32: '0123abcd' },
};

it('counts the work of each answer, and what sending it takes', async () => {
  const bus = new RunEventBus();
  const billed = meterTime(bus);
  for (let i = 0; i < 3; i++) await bus.emit('answered', answer);
  expect(billed()).toMatchObject({ workersMs: 3000, residentsMs: 0 });
});

it('counts all of the time of resident workers, and not what they answer', async () => {
  const bus = new RunEventBus();
  const billed = meterTime(bus);
  await bus.emit('residents', { size: 4, started: 4 });
  await bus.emit('answered', answer);
  const { workersMs, residentsMs } = billed();
  expect(workersMs).toBe(0);
  expect(residentsMs).toBeGreaterThanOrEqual(4 * 5000); // their last wait for a job
});
