import { describe, expect, it } from 'vitest';
import { checkFleet } from '../../lib/cloud/check-fleet.ts';
import { UsageError } from '../../lib/errors.ts';
import { newFleet } from '../../lib/run/record/settings.ts';

const STACK = { LAMBDUEL_RESIDENT_WORKER: 'residents', LAMBDUEL_CONCURRENCY: 8 };
const OLD_STACK = { ...STACK, LAMBDUEL_RESIDENT_WORKER: undefined };

describe('a stack', () => {
  it('takes runs of either fleet, with as many resident workers as it may have', () => {
    checkFleet(OLD_STACK, { fleet: 'event', workers: null }, 4096);
    checkFleet(STACK, { fleet: 'resident', workers: null }, 8);
    checkFleet(STACK, { fleet: 'resident', workers: 8 }, 64);
    expect(() => checkFleet(STACK, { fleet: 'resident', workers: null }, 9)).toThrow(UsageError);
  });

  it.each([
    ['resident', null, 9, 'the run wants 9 workers, one per shard, and this stack has at most 8'],
    ['resident', 9, 2, 'fleet resident: the run wants 9 workers, and this stack has at most 8'],
    ['event', 2, 2, 'workers 2: only resident workers can be counted'],
  ] as const)('refuses fleet %s with %s workers for %i shards', (fleet, workers, shards, said) => {
    const check = () => checkFleet(STACK, { fleet, workers }, shards);
    expect(check).toThrow(UsageError);
    expect(check).toThrow(said);
  });

  it('that has no resident workers says so', () => {
    const check = () => checkFleet(OLD_STACK, { fleet: 'resident', workers: null }, 1);
    expect(check).toThrow('fleet resident: this stack has no resident workers');
  });
});

it('a run that goes back to event workers forgets how many resident ones it wanted', () => {
  expect(newFleet({ fleet: 'event' })).toEqual({ fleet: 'event', workers: null });
  expect(newFleet({ fleet: 'resident' })).toEqual({ fleet: 'resident' });
  expect(newFleet({})).toEqual({});
});
