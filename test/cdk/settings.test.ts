import { RootConstruct } from 'constructs';
import { expect, it } from 'vitest';
import { readSettings } from '../../cdk/settings.ts';
import { UsageError } from '../../lib/errors.ts';

function read(context: Record<string, unknown>) {
  const { node } = new RootConstruct();
  for (const [name, value] of Object.entries(context)) node.setContext(name, value);
  return readSettings(node);
}

it('has a default for everything but the backend and who is told of alarms', () => {
  expect(read({})).toEqual({
    stackName: 'Lambduel',
    packaging: 'zip',
    ownPrograms: false,
    workerStorage: 1024,
    workerMemory: 1769,
    threads: 1,
    coordinatorMemory: 1769,
    workerTimeout: 300,
    jobRetrySeconds: 1,
    coordinatorTimeout: 900,
    concurrency: 16,
    logRetentionDays: 30,
    gradientDays: 1,
    runDays: 0,
    retain: true,
  });
});

it('refuses a name that is not known, as a mistyped one', () => {
  const reading = () => read({ retian: false, '@aws-cdk/core:someFlag': true });
  expect(reading).toThrow(UsageError);
  expect(reading).toThrow('The context has a value that is not known: retian');
});

it('takes the text of the command line as well as the values of cdk.json', () => {
  const text = { backend: 'wasm', concurrency: '32', retain: 'false' };
  const values = { backend: 'wasm', concurrency: 32, retain: false };

  expect(read(text)).toEqual(read(values));
  expect(read(text)).toMatchObject(values);
});

it.each([
  [{ backend: 'webgl' }, 'backend webgl: must be one of native, wasm'],
  [{ packaging: 'tar' }, 'packaging tar: must be one of zip, image'],
  [{ workerStorage: '511' }, 'workerStorage 511: must be at least 512'],
  [{ workerStorage: '10241' }, 'workerStorage 10241: must be at most 10240'],
  [{ concurrency: '1' }, 'concurrency 1: must be at least 2'],
  [{ concurrency: '1001' }, 'concurrency 1001: must be at most 1000'],
  [{ workerMemory: 'much' }, 'workerMemory much: must be a number'],
  [{ workerTimeout: '1.5' }, 'workerTimeout 1.5: must be a whole number'],
  [{ coordinatorTimeout: '' }, 'coordinatorTimeout : must be a number'],
  [{ logRetentionDays: '8' }, 'logRetentionDays 8: must be one of 1, 3, 5, 7,'],
  [{ runDays: '7' }, 'runDays 7: must be 0, for never, or at least 30'],
  [{ ownPrograms: 'yes' }, 'ownPrograms yes: must be one of true, false'],
  [{ retain: 'no' }, 'retain no: must be one of true, false'],
  [{ alarmEmail: 'me' }, 'alarmEmail me: must be an e-mail address'],
  [{ stackName: '2nd' }, 'stackName 2nd: must be a letter, then letters, digits and "-"'],
])('says what is wrong with %j', (context, message) => {
  expect(() => read(context)).toThrow(UsageError);
  expect(() => read(context)).toThrow(message);
});

it('names everything that is wrong', () => {
  expect(() => read({ concurrency: '0', retain: 'no' })).toThrow(/concurrency 0.*; retain no/);
});
