import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { awsFindings } from '../../lib/cli/aws-doctor.ts';
import { runId } from '../../support/stored-run.ts';
import { testFolders } from '../support/folders.ts';
import { START_MS } from '../support/shared-localstack.ts';
import { createStack, deleteStack, openAccount } from './aws-stack.ts';
import type { Outcome } from './command-line.ts';
import { runHere } from './here.ts';

const REGIONS = { none: 'eu-west-1', one: 'eu-west-2', two: 'eu-west-3', past: 'eu-north-1' };

/** What a stack says of its workers. */
const WORKERS = {
  WorkerPackaging: 'zip',
  WorkerMemory: '1769',
  WorkerTimeout: '300',
  ResidentWorkerFunctionName: 'R1',
};

const folder = testFolders();
let accessKey: string;
let settings: Record<string, string | undefined>;
beforeAll(async () => {
  accessKey = (await openAccount()).env.AWS_ACCESS_KEY_ID;
  settings = { ...process.env };
  for (const [region, name, outputs] of [
    [REGIONS.one, 'Only', WORKERS],
    [REGIONS.one, 'Other', { LambduelStack: '' }],
    [REGIONS.two, 'Older', { LambduelStack: '0' }],
    [REGIONS.two, 'Partial', { WorkerBackend: 'cuda' }],
  ] as const) {
    vi.stubEnv('AWS_REGION', region);
    await createStack(name, outputs);
  }
}, START_MS);
afterAll(() => void vi.unstubAllEnvs());

/** No file and no service of this machine tells of credentials or of a region. */
beforeEach(async () => {
  const nowhere = await folder();
  vi.stubEnv('AWS_CONFIG_FILE', `${nowhere}/config`);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', `${nowhere}/credentials`);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_PROFILE', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
});

async function runsIn(region: string | undefined, ...options: string[]): Promise<Outcome> {
  vi.stubEnv('AWS_REGION', region);
  return runHere(['runs', '--target', 'aws', ...options]);
}

function expectClearError({ code, stdout, stderr }: Outcome, exitCode: number, text: RegExp): void {
  expect(stderr).toMatch(/^error: .+\nhint: .+\n$/);
  expect(stderr).toMatch(text);
  expect([code, stdout]).toEqual([exitCode, '']);
}

describe('the stack', () => {
  test('is not one that was deleted', async () => {
    vi.stubEnv('AWS_REGION', REGIONS.past);
    await createStack('Past');
    await deleteStack('Past');
    expectClearError(await runsIn(REGIONS.past), 1, /There is no Lambduel stack in the region/);
  });

  test('is the only one there is', async () => {
    const { code, stderr } = await runsIn(REGIONS.one);
    expect(stderr).toBe(
      'No runs in the stack Only in eu-west-2 yet; start one with `lambduel train --target aws`.\n',
    );
    expect(code).toBe(0);
  });

  test('is the one that is named', async () => {
    const { code, stderr } = await runsIn(REGIONS.one, '--stack', 'Only');
    expect(stderr).toContain('`lambduel train --target aws --stack Only`');
    expect(code).toBe(0);
  });

  test.each([
    [
      'in a region without any',
      REGIONS.none,
      [],
      /There is no Lambduel stack in the region eu-west-1 \(access key \d{12}\)\nhint: .*cdk deploy.*AWS_REGION/,
    ],
    [
      'of no such name',
      REGIONS.one,
      ['--stack', 'Lost'],
      /There is no stack Lost in the region eu-west-2 .*\nhint: .*--stack.*AWS_REGION/,
    ],
    [
      "that is not Lambduel's",
      REGIONS.one,
      ['--stack', 'Other'],
      /The stack Other is not one of Lambduel's \(its status is CREATE_COMPLETE\)/,
    ],
    [
      'among several',
      REGIONS.two,
      [],
      /There are 2 Lambduel stacks in the region eu-west-3 .*: Older, Partial\nhint: .*--stack Older/,
    ],
    [
      'of another version',
      REGIONS.two,
      ['--stack', 'Older'],
      /deployed by another version of Lambduel: its outputs have format 0.*\nhint: Deploy it again/,
    ],
    [
      'with outputs that are wrong',
      REGIONS.two,
      ['--stack', 'Partial'],
      /deployed by another version of Lambduel: its outputs WorkerBackend/,
    ],
    ['without a region', undefined, [], /No AWS region is set\nhint: Set AWS_REGION/],
  ])('%s is an error that says what to do', async (_what, region, options, text) => {
    expectClearError(await runsIn(region, ...options), 1, text);
  });

  test('without credentials is an error that says how to get them', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
    const text = /There are no AWS credentials to use: .*\nhint: Log in again .*AWS_PROFILE/;
    expectClearError(await runsIn(REGIONS.one), 1, text);
  });

  test('at an endpoint that does not answer is an error that names it', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1');
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
    const text = /AWS cannot be asked for its stacks: .*ECONNREFUSED 127.0.0.1:1\nhint: .*network/;
    expectClearError(await runsIn(REGIONS.one), 1, text);
  });
});

describe('wrong usage is refused before AWS is asked', () => {
  const train = ['train', '--target', 'aws'];
  beforeEach(() => vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1'));

  test.each([
    ['a store', ['runs', '--target', 'aws', '--store', 'x'], /--store and --target aws exclude/],
    ['a stack here', ['runs', '--stack', 'x'], /--stack is of no use without --target aws/],
    ['workers', [...train, '--workers', '2'], /workers cannot be chosen .*\nhint: .*concurrency=N/],
    [
      'a backend',
      [...train, '--backend', 'wasm'],
      /backend cannot be chosen .*\nhint: .*-c backend=/,
    ],
    [
      'workers to resume',
      ['resume', runId(), '--target', 'aws', '--workers', '2'],
      /workers cannot/,
    ],
    ['a fleet here', ['train', '--fleet', 'resident'], /--fleet is for --target aws: here/],
    ['a fleet to resume here', ['resume', runId(), '--fleet', 'event'], /--fleet is for/],
    ['a strange fleet', [...train, '--fleet', 'spot'], /--fleet spot: must be one of event, res/],
    ['workers of events', [...train, '--fleet', 'event', '--workers', '2'], /workers cannot/],
    ['detaching here', ['train', '--detach'], /--detach is for --target aws/],
    ['a setting out of range', [...train, '--batch', '0'], /--batch 0/],
    ['logs of nothing', ['logs', '../x', '--target', 'aws'], /"\.\.\/x" is not a run id/],
    ['a strange time', ['logs', runId(), '--target', 'aws', '--since', 'now'], /--since now/],
  ])('%s', async (_what, args, text) => {
    expectClearError(await runHere(args), 2, text);
  });

  test('settings that do not fit together', async () => {
    const outcome = await runHere([...train, '--batch', '2', '--shards', '3']);
    expectClearError(outcome, 2, /^error: shards \(3\).*\nhint: Ask for fewer shards/);
  });

  test('another target', async () => {
    const { code, stderr } = await runHere(['runs', '--target', 'gcp']);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/'gcp' is invalid.*local, aws/)]);
  });

  test('logs of a run on this machine', async () => {
    const outcome = await runHere(['logs', runId(), '--store', await folder()]);
    expectClearError(outcome, 2, /logs shows what functions on AWS.*\nhint: Add --target aws/);
  });
});

test('doctor tells of region, credentials and stacks', async () => {
  const found = async () => (await awsFindings()).map(({ what, found }) => `${what}: ${found}`);
  vi.stubEnv('AWS_REGION', REGIONS.two);
  expect(await found()).toEqual([
    'AWS region: eu-west-3',
    `AWS credentials: access key ${accessKey}`,
    'Lambduel stack: Older: of another version; deploy it again with `npx cdk deploy`',
    'Lambduel stack: Partial: of another version; deploy it again with `npx cdk deploy`',
  ]);
  vi.stubEnv('AWS_REGION', REGIONS.one);
  expect(await found()).toContain(
    'Lambduel stack: Only: wasm workers, zip, 1,769 MB, 300 s for a job, resident workers: R1',
  );
  vi.stubEnv('AWS_REGION', REGIONS.past);
  await createStack('Before');
  expect(await found()).toContain('Lambduel stack: Before: wasm workers, resident workers: none');
  vi.stubEnv('AWS_REGION', REGIONS.none);
  expect(await found()).toContain('Lambduel stack: none in this region');
  vi.stubEnv('AWS_REGION', undefined);
  expect(await found()).toEqual([
    'AWS region: No AWS region is set',
    `AWS credentials: access key ${accessKey}`,
  ]);
});
