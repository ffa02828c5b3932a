import { describe, expect, it } from 'vitest';
import type { Queue } from '../../lib/queue/queue.ts';
import { JobSender, longestFirstLimitMs } from '../../lib/run/coordinator/job-sender.ts';
import { RunEventBus } from '../../lib/run/events.ts';
import { ScoreTooLongError, scoreTime } from '../../lib/run/worker/score-time.ts';
import type { Job } from '../../lib/wire/messages.ts';
import { gradientJob, localJob, scoreJob } from '../../support/messages.ts';

/** The step at which training a classifier of 800 steps is given up; undefined: it is done. */
function givenUpAt(haveMs: number, stepMs: number, firstMs = stepMs): number | undefined {
  let remaining = haveMs;
  const onStep = scoreTime(() => remaining);
  for (let step = 1; step <= 800; step++) {
    remaining -= step === 1 ? firstMs : stepMs;
    try {
      onStep(800 - step);
    } catch (error) {
      expect(error).toBeInstanceOf(ScoreTooLongError);
      expect((error as ScoreTooLongError).hint).toContain('workerTimeout');
      return step;
    }
  }
  return undefined;
}

describe('a classifier that is trained for a score', () => {
  it('is given up as soon as it is seen that the time of the worker is too short', () => {
    expect(givenUpAt(60_000, 100)).toBe(21);
  });

  it('is trained where there is time, and a slow first step is not taken for all', () => {
    expect(givenUpAt(300_000, 100)).toBeUndefined();
    expect(givenUpAt(300_000, 100, 20_000)).toBeUndefined();
  });

  it('says how much time is missing', () => {
    let remaining = 100_000;
    const onStep = scoreTime(() => remaining);
    const slow = () => {
      for (let step = 1; step <= 21; step++) {
        remaining -= 1000;
        onStep(800 - step);
      }
    };
    expect(slow).toThrow(/takes 784 s more to train, and its worker has 79 s/);
  });
});

it.each<[string, Job, { localIterations: number; scoreEvery: number }]>([
  ['a gradient', gradientJob(), { localIterations: 0, scoreEvery: 0 }],
  ['a lane', localJob({ iterations: 200 }), { localIterations: 200, scoreEvery: 0 }],
  ['a score', scoreJob(), { localIterations: 0, scoreEvery: 10 }],
])(
  'a queue that hides jobs for the longest limit hides %s until it counts as lost',
  async (_, job, config) => {
    let now = 0;
    const sent: unknown[] = [];
    const jobs = { send: async (messages: unknown[]) => void sent.push(...messages) };
    const clock = { now: () => now, date: () => new Date(now) };
    const sender = new JobSender({
      jobs: jobs as unknown as Queue,
      clock: clock as never,
      events: new RunEventBus(),
    });
    const pending = await sender.send([job]);

    now = longestFirstLimitMs(config);
    await sender.sendLate(pending);
    expect(sent).toHaveLength(1);

    now += 1;
    await sender.sendLate(pending);
    expect(sent).toHaveLength(2);
  },
);
