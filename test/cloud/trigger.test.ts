import { describe, expect, it } from 'vitest';
import { parseTrigger } from '../../lib/cloud/trigger.ts';
import { UsageError } from '../../lib/errors.ts';

const RUN = '20260131-235959-0a1b';

describe('a trigger', () => {
  it('starts a run with the settings of `train`, all of them optional', () => {
    expect(parseTrigger({ action: 'train' })).toEqual({ action: 'train', preset: 'digits' });
    const event = { action: 'train', preset: 'blog', iterations: 5, runId: RUN, wire: 'f32' };
    expect(parseTrigger(event)).toEqual(event);
  });

  it.each(['resume', 'advance'])('names the run to %s', (action) => {
    expect(parseTrigger({ action, runId: RUN })).toEqual({ action, runId: RUN });
  });

  it.each(['train', 'resume'])('asks for resident workers to %s', (action) => {
    const event = { action, runId: RUN, fleet: 'resident', workers: 4 };
    expect(parseTrigger(event)).toMatchObject(event);
  });

  it.each([
    [null, 'it must be an object'],
    ['train', 'it must be an object'],
    [[], 'it must be an object'],
    [{}, 'action is missing: must be one of train, resume, advance'],
    [{ action: 'stop' }, 'action stop: must be one of train, resume, advance'],
    [{ action: 'train', batch: 0 }, 'batch 0: must be at least 1'],
    [{ action: 'train', iterations: '5' }, 'iterations 5: must be a number'],
    [{ action: 'train', seed: 1.5 }, 'seed 1.5: must be a whole number'],
    [{ action: 'train', preset: 'x' }, 'preset x: must be one of blog, dcgan, digits'],
    [{ action: 'train', batches: 5 }, 'batches: unknown setting'],
    [{ action: 'train', runId: '../x' }, 'runId ../x: a run id has the form yyyymmdd-hhmmss-xxxx'],
    [{ action: 'train', fleet: 'spot' }, 'fleet spot: must be one of event, resident'],
    [{ action: 'train', workers: 0 }, 'workers 0: must be at least 1'],
    [{ action: 'resume' }, 'runId is missing: must be a string'],
    [{ action: 'resume', runId: RUN, batch: 1 }, 'batch: unknown setting'],
  ])('%j is refused: %s', (event, reason) => {
    const parsing = () => parseTrigger(event);
    expect(parsing).toThrow(UsageError);
    expect(parsing).toThrow(`The trigger is not valid: ${reason}`);
  });
});
