import { describe, expect, it } from 'vitest';
import { Roster } from '../../lib/run/coordinator/roster.ts';
import { FakeClock } from '../../support/fixtures.ts';

const MINUTE = 60_000;

function started(size = 3) {
  const clock = new FakeClock();
  const roster = new Roster(size, clock);
  const answer = (...workers: string[]) => {
    for (const worker of workers) roster.heard(worker);
  };
  return { clock, roster, answer };
}

describe('a roster', () => {
  it('replaces nobody while nothing is late, however long all are silent', () => {
    const { clock, roster, answer } = started();
    answer('0.1', '1.1', '2.1');
    clock.advance(100 * MINUTE);
    expect(roster.replaceLost()).toEqual([]);
  });

  it('replaces the one that has been silent the longest, one for each late job', () => {
    const { clock, roster, answer } = started();
    answer('1.1');
    clock.advance(1000);
    answer('0.1', '2.1');
    clock.advance(MINUTE);
    roster.jobWasLate();
    expect(roster.replaceLost()).toEqual([
      { worker: '1.1', successor: '1.2', reason: 'a job is late' },
    ]);
    expect(roster.replaceLost()).toEqual([]);
  });

  it('replaces one whose start was lost when the others have answered many jobs', () => {
    const { clock, roster, answer } = started(2);
    for (let i = 0; i < 31; i++) answer('0.1');
    clock.advance(MINUTE);
    answer('0.1');
    expect(roster.replaceLost()).toEqual([
      { worker: '1.1', successor: '1.2', reason: 'others have answered 32 jobs' },
    ]);
  });

  it('leaves one alone that was started a moment ago, or has just answered', () => {
    const { clock, roster, answer } = started(2);
    clock.advance(6_000); // the second is still loading
    answer('0.1');
    for (let i = 0; i < 10; i++) roster.jobWasLate();
    expect(roster.replaceLost()).toEqual([]);
  });

  it('takes the answer of one that was replaced for no sign of its successor', () => {
    const { clock, roster, answer } = started(1);
    clock.advance(MINUTE);
    roster.jobWasLate();
    expect(roster.replaceLost()).toHaveLength(1);
    clock.advance(MINUTE);
    answer('0.1');
    roster.jobWasLate();
    expect(roster.replaceLost()).toMatchObject([{ worker: '0.2', successor: '0.3' }]);
  });

  it('starts no storm where every worker fails: each place is filled a few times', () => {
    const { clock, roster } = started(3);
    let replaced = 0;
    for (let i = 0; i < 1000; i++) {
      clock.advance(MINUTE);
      for (let job = 0; job < 64; job++) roster.jobWasLate();
      replaced += roster.replaceLost().length;
    }
    expect(replaced).toBe(3 * 4);
  });
});
