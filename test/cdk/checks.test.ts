import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { beforeAll, describe, expect, it } from 'vitest';
import { testFolders } from '../support/folders.ts';
import { pythonMissing, pythonWith } from '../wire/python.ts';
import { AWS, LOCAL, type Synthesised, synthesise, synthesiseAnew } from './synth.ts';

const run = promisify(execFile);
const REQUIREMENTS = fileURLToPath(new URL('./cfn-lint-requirements.txt', import.meta.url));
/** Packages may have to be installed first. */
const INSTALL_MS = 240_000;

const newFolder = testFolders();
let stacks: Readonly<Record<string, Synthesised>>;
beforeAll(async () => {
  const everything = { alarmEmail: 'someone@example.org', retain: false, runDays: 30 };
  stacks = {
    native: synthesise(await newFolder()),
    wasm: synthesise(await newFolder(), { backend: 'wasm', stackName: 'Other' }, AWS),
    local: synthesise(await newFolder(), {}, LOCAL),
    everything: synthesise(await newFolder(), everything),
  };
});

describe('cdk-nag', () => {
  it('finds nothing that is not acknowledged', () => {
    for (const [name, { app }] of Object.entries(stacks)) {
      const { violations } = new AwsSolutionsChecks(app).validateScope(app);
      expect({ name, violations }).toEqual({ name, violations: [] });
    }
  });

  it('would find something', async () => {
    const { app } = synthesiseAnew(await newFolder());
    new Bucket(app.node.findChild('Lambduel') as Stack, 'Open');
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    expect(violations.map(({ ruleName }) => ruleName)).toContain('AwsSolutions-S10');
  });
});

it('cfn-lint finds no errors', { timeout: INSTALL_MS }, async ({ skip }) => {
  const missing = await pythonMissing();
  if (missing) skip(missing);
  const python = await pythonWith('cfn-lint', REQUIREMENTS);
  const folder = await newFolder();
  const files = await Promise.all(
    Object.entries(stacks).map(async ([name, { json }]) => {
      const file = join(folder, `${name}.template.json`);
      await writeFile(file, JSON.stringify(json));
      return file;
    }),
  );
  const lint = join(python, '..', 'cfn-lint');

  const { stdout } = await run(lint, ['--non-zero-exit-code', 'error', ...files]).catch(
    (error: { stdout: string }) => error,
  );

  expect(stdout.split('\n').filter((line) => /^E\d/.test(line))).toEqual([]);
});

it('two stacks live side by side: neither fixes a name that the other has', () => {
  const names = ['native', 'wasm'].map((name) => fixedNames(stacks[name]!));
  expect(names[0]?.filter((name) => names[1]?.includes(name))).toEqual([]);
});

/** What resources are called by decision, not by CloudFormation. */
function fixedNames({ json }: Synthesised): string[] {
  return Object.values(json.Resources).flatMap(({ Type, Properties = {} }) =>
    Object.entries(Properties as Record<string, unknown>)
      .filter(([key]) => /Name$/.test(key) && NAMING.has(`${Type}.${key}`))
      .map(([key, value]) => `${Type}.${key} = ${JSON.stringify(value)}`),
  );
}

/** The properties that name a resource in its account and region. */
const NAMING = new Set([
  'AWS::S3::Bucket.BucketName',
  'AWS::SQS::Queue.QueueName',
  'AWS::Lambda::Function.FunctionName',
  'AWS::Logs::LogGroup.LogGroupName',
  'AWS::IAM::Role.RoleName',
  'AWS::IAM::ManagedPolicy.ManagedPolicyName',
  'AWS::Events::Rule.Name',
  'AWS::CloudWatch::Alarm.AlarmName',
  'AWS::CloudWatch::Dashboard.DashboardName',
  'AWS::SNS::Topic.TopicName',
  'AWS::KMS::Alias.AliasName',
]);
