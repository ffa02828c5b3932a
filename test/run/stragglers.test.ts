import { describe, expect, it } from 'vitest';
import { JobRounds, type Quorum } from '../../lib/run/coordinator/job-rounds.ts';
import { RunEventBus } from '../../lib/run/events.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import type { GradientJob, Job } from '../../lib/wire/messages.ts';
import { FakeClock, runConfig } from '../../support/fixtures.ts';
import { testFolders } from '../support/folders.ts';
import { SimulatedWorkers } from './simulated-workers.ts';

const folder = testFolders();
const USUAL_MS = 200;
const NEVER = Number.POSITIVE_INFINITY;

/** Rounds whose jobs take as long as `latency` says. */
async function roundsWith(latency: (job: GradientJob) => number) {
  const clock = new FakeClock();
  const workers = new SimulatedWorkers(clock, (job: Job) => latency(job as GradientJob));
  const hedged: string[] = [];
  const resent: string[] = [];
  const events = new RunEventBus()
    .on('hedged', ({ round, index }) => void hedged.push(`${round}/${index}`))
    .on('resent', ({ round, index }) => void resent.push(`${round}/${index}`));
  const store = await DiskStore.open(await folder());
  const heartbeat = async () => {};
  const rounds = new JobRounds({ ...workers, store, clock, events, heartbeat, removedAtOnce: 1 });
  const play = async (step: number, shards: number, quorum?: Quorum) => {
    const startedAt = clock.now();
    const taken: number[] = [];
    const take = (index: number) => void taken.push(index);
    const { missing } = await rounds.perform(jobsOf(step, shards), take, quorum);
    return { taken: taken.sort((a, b) => a - b), missing, ms: clock.now() - startedAt };
  };
  return { play, hedged, resent, sent: workers.sent };
}

function jobsOf(step: number, shards: number): GradientJob[] {
  const { runId, seed, program, batch, dataset, wire, gradients } = runConfig();
  const common = { format: 1, kind: 'gradient', runId, epoch: 1, attempt: 1, weights: {} } as const;
  const settings = { replyTo: 'replies', seed, program, batch, dataset, wire, gradients, phase: 0 };
  return Array.from({ length: shards }, (_, shard) => ({
    ...common,
    ...settings,
    step,
    shard,
    shards,
  }));
}

describe('a job that is slower than most', () => {
  const slow = (slowMs: number) => (job: GradientJob) =>
    job.step === 10 && job.shard === 3 && job.attempt === 1 ? slowMs : USUAL_MS;

  it('is sent a second time, and the first answer counts', async () => {
    const { play, hedged, resent } = await roundsWith(slow(60_000));
    for (let step = 0; step < 10; step++) await play(step, 4);
    const { taken, ms } = await play(10, 4);
    expect({ taken, hedged, resent }).toEqual({
      taken: [0, 1, 2, 3],
      hedged: ['step-10/3'],
      resent: [],
    });
    expect(ms).toBeLessThan(1000);
  });

  it('is left alone while it is not twice as slow as most', async () => {
    const { play, hedged } = await roundsWith(slow(2 * USUAL_MS));
    for (let step = 0; step < 11; step++) await play(step, 4);
    expect(hedged).toEqual([]);
  });

  it('is left alone until 16 jobs have shown what is usual', async () => {
    const { play, hedged } = await roundsWith(({ attempt }) => (attempt === 1 ? 10_000 : 1));
    for (let step = 0; step < 4; step++) await play(step, 4);
    expect(hedged).toEqual([]);
  });

  it('is one of at most a twentieth of the jobs', async () => {
    const quick = ({ step, shard, attempt }: GradientJob) =>
      step > 4 && shard < 2 && attempt === 1 ? 3000 : USUAL_MS;
    const { play, hedged, sent } = await roundsWith(quick);
    for (let step = 0; step < 100; step++) {
      await play(step, 4);
      const firsts = sent.filter(({ attempt }) => attempt === 1).length;
      expect(hedged.length).toBeLessThanOrEqual(firsts / 20);
    }
    expect(hedged.length).toBeGreaterThan(0);
  });
});

describe('a quorum', () => {
  const quorum = { count: 3, afterMs: 1000 };

  it('ends a round without what is late, when its time has passed', async () => {
    const { play } = await roundsWith(({ shard }) => (shard === 1 ? NEVER : USUAL_MS));
    expect(await play(0, 4, quorum)).toMatchObject({ taken: [0, 2, 3], missing: [1], ms: 1000 });
  });

  it('waits for all while there is time', async () => {
    const { play } = await roundsWith(({ shard }) => (shard === 1 ? 999 : USUAL_MS));
    expect(await play(0, 4, quorum)).toMatchObject({ taken: [0, 1, 2, 3], missing: [] });
  });

  it('waits on when too few are in', async () => {
    const { play } = await roundsWith(({ shard }) => (shard < 2 ? 5000 : USUAL_MS));
    expect(await play(0, 4, quorum)).toMatchObject({ taken: [0, 1, 2, 3], missing: [] });
  });

  it('drops what comes after the round', async () => {
    const late = ({ step, shard }: GradientJob) => (step === 0 && shard === 1 ? 1100 : USUAL_MS);
    const { play } = await roundsWith(late);
    await play(0, 4, quorum);
    expect(await play(1, 4, quorum)).toMatchObject({ taken: [0, 1, 2, 3], missing: [] });
  });
});
