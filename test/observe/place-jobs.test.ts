import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JOB_PARTS, type PlacedJob, placeJobs } from '../../lib/observe/timeline/place-jobs.ts';
import type { TimelineStep } from '../../lib/observe/timeline/timeline-line.ts';
import { whereTimeGoes, workerTimes } from '../../lib/observe/timeline/where-time-goes.ts';
import type { StepTrace } from '../../lib/run/step-trace.ts';
import { DATE, jobTrace, stepTrace } from './timeline-support.ts';

function timelineStep(trace: StepTrace, step = 0): TimelineStep {
  return { iteration: 0, epoch: 1, step, phase: 'D', ...trace };
}

function partsOf({ parts }: PlacedJob): Record<string, number> {
  return Object.fromEntries(JOB_PARTS.map((part, i) => [part, parts[i] ?? Number.NaN]));
}

/** One job of a worker whose clock is wrong by so much. */
function placedWith(wrongMs: number) {
  const told = { takenAt: DATE + 3 + wrongMs, startMs: 0.5, storeMs: 0.5 };
  const [placed] = placeJobs([timelineStep(stepTrace(0, [jobTrace({ told })]))]);
  return partsOf(placed as PlacedJob);
}

const WORK = { start: 0.5, load: 1, compile: 2, compute: 5, encode: 1, store: 0.5 };

describe('a job is placed', () => {
  it('where its worker says, if that can be true', () => {
    expect(placedWith(0)).toEqual({ queue: 1, ...WORK, return: 2, wait: 1, sum: 2 });
  });

  it.each([
    ['is ahead', 3_600_000, { queue: 3, return: 0 }],
    ['is behind', -3_600_000, { queue: 0, return: 3 }],
  ])('between its sending and its answer if the clock of its worker %s', (_how, ms, ends) => {
    expect(placedWith(ms)).toEqual({ ...WORK, ...ends, wait: 1, sum: 2 });
  });

  it('by all jobs of its worker: one that leaves no room corrects the clock of the others', () => {
    const told = (ms: number) => ({ takenAt: DATE + ms + 5000, startMs: 0.5, storeMs: 0.5 });
    const tight = jobTrace({ sentMs: 2, answeredMs: 12, told: told(2) });
    const roomy = jobTrace({ index: 1, sentMs: 2, answeredMs: 40, told: told(12) });
    const placed = placeJobs([timelineStep(stepTrace(0, [tight, roomy]))]);
    expect(placed.map((job) => partsOf(job).queue)).toEqual([0, 10]);
  });

  it('at the end of the waiting if its worker does not say when it took it', () => {
    const [placed] = placeJobs([timelineStep(stepTrace(0, [jobTrace({ told: undefined })]))]);
    expect(partsOf(placed as PlacedJob)).toMatchObject({ queue: 4, start: 0, store: 0, return: 0 });
  });

  it('in proportion if it says that it worked longer than anyone waited', () => {
    const timing = { loadMs: 100, computeMs: 300, encodeMs: 0 };
    const [placed] = placeJobs([
      timelineStep(stepTrace(0, [jobTrace({ timing, told: undefined })])),
    ]);
    expect(partsOf(placed as PlacedJob)).toMatchObject({ queue: 0, load: 3.25, compute: 9.75 });
  });
});

const ms = fc.oneof(
  fc.double({ min: 0, max: 1e4, noNaN: true }),
  fc.double({ min: 0, max: 1e12, noNaN: true }),
);
const trace = fc.record(
  {
    index: fc.nat(100),
    worker: fc.constantFrom('a', 'b'),
    attempts: fc.integer({ min: 1, max: 5 }),
    sentMs: ms,
    answeredMs: ms,
    takenMs: ms,
    summedMs: ms,
    timing: fc.record({ loadMs: ms, compileMs: ms, computeMs: ms, encodeMs: ms }),
    told: fc.record({ takenAt: fc.maxSafeNat(), startMs: ms, storeMs: ms }),
  },
  { requiredKeys: ['index', 'attempts', 'sentMs', 'answeredMs', 'takenMs', 'summedMs', 'timing'] },
);
const steps = fc.array(
  fc.record({
    ...{ startMs: ms, date: fc.maxSafeNat(), publishedMs: ms, collectedMs: ms, appliedMs: ms },
    jobs: fc.array(trace, { maxLength: 5 }),
  }),
  { minLength: 1, maxLength: 4 },
);

it('whatever the clocks say, no part is negative, and none before sending or after summing', () => {
  fc.assert(
    fc.property(steps, (traces) => {
      const all = traces.map((one, i) => timelineStep(one, i));
      const placed = placeJobs(all);
      expect(placed).toHaveLength(all.flatMap(({ jobs }) => jobs).length);
      for (const { parts, sentAt, step, job } of placed) {
        expect(Math.min(...parts)).toBeGreaterThanOrEqual(0);
        expect(sentAt).toBe(step.startMs + job.sentMs);
        const answered = parts.slice(0, 8).reduce((sum, part) => sum + part, 0);
        expect(answered).toBeCloseTo(Math.max(0, job.answeredMs - job.sentMs), 1);
      }
      const times = Object.values(whereTimeGoes(all, placed));
      expect(Math.min(...times)).toBeGreaterThanOrEqual(0);
    }),
  );
});

it('the parts of a stretch add up to its whole time', () => {
  const all = [0, 30, 70].map((at, i) => {
    const told = { takenAt: DATE + at + 3, startMs: 0.5, storeMs: 0.5 };
    return timelineStep(stepTrace(at, [jobTrace({ told })]), i);
  });
  const times = whereTimeGoes(all, placeJobs(all));
  expect(Object.values(times).reduce((sum, part) => sum + part, 0)).toBeCloseTo(90);
  expect(times).toMatchObject({ publish: 6, queue: 3, compute: 15, sum: 6, apply: 6, between: 30 });
});

it('tells the slowest worker, and how many steps waited for it', () => {
  const slow = jobTrace({ index: 1, worker: 'slow', summedMs: 19, answeredMs: 40 });
  const timing = { loadMs: 1, computeMs: 20, encodeMs: 1 };
  const all = [timelineStep(stepTrace(0, [jobTrace(), { ...slow, timing }]))];
  expect(workerTimes(placeJobs(all))).toEqual([
    { worker: 'slow', jobs: 1, meanMs: 23, lastOf: 1 },
    { worker: 'process 1', jobs: 1, meanMs: 10, lastOf: 0 },
  ]);
});
