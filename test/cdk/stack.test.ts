import { Match } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { functionEnvironment } from '../../lib/cloud/environment.ts';
import { stackOutputsSchema } from '../../lib/cloud/outputs.ts';
import { UsageError } from '../../lib/errors.ts';
import { testFolders } from '../support/folders.ts';
import {
  AWS,
  LOCAL,
  resourceOf,
  resourcesOf,
  type Synthesised,
  synthesise,
  synthesiseAnew,
} from './synth.ts';

const newFolder = testFolders();
let native: Synthesised;
let wasm: Synthesised;
let local: Synthesised;
let temporary: Synthesised;
beforeAll(async () => {
  native = synthesise(await newFolder());
  wasm = synthesise(await newFolder(), {
    backend: 'wasm',
    workerTimeout: 100,
    concurrency: 40,
    jobRetrySeconds: 3,
  });
  local = synthesise(await newFolder(), {}, LOCAL);
  temporary = synthesise(await newFolder(), { retain: false, runDays: 90 }, AWS);
});

const functionOf = (stack: Synthesised, name: string) =>
  resourceOf(stack, 'AWS::Lambda::Function', name).Properties;

describe('the bucket', () => {
  it('is private, encrypted, and answers nothing but TLS', () => {
    native.template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
        ],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    native.template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: { Statement: Match.arrayWith([refusalWithoutTls('s3:*')]) },
    });
  });

  it('removes what interrupted runs left, and keeps runs for ever', () => {
    native.template.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: {
        Rules: [
          Match.objectLike({
            TagFilters: [{ Key: 'lifetime', Value: 'transient' }],
            ExpirationInDays: 1,
          }),
          Match.objectLike({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }),
        ],
      },
    });
  });

  it('removes runs when asked to', () => {
    temporary.template.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: {
        Rules: Match.arrayWith([Match.objectLike({ Prefix: 'runs/', ExpirationInDays: 90 })]),
      },
    });
  });

  it('outlives the stack unless told otherwise', () => {
    native.template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Retain' });
    temporary.template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
    expect(resourcesOf(native, 'Custom::S3AutoDeleteObjects')).toEqual([]);
    expect(resourcesOf(temporary, 'Custom::S3AutoDeleteObjects')).toHaveLength(1);
  });
});

describe('the queues', () => {
  it('are all encrypted, and refuse requests without TLS', () => {
    const queues = resourcesOf(native, 'AWS::SQS::Queue');
    const policies = resourcesOf(native, 'AWS::SQS::QueuePolicy').map(([, { Properties }]) => ({
      queues: Properties.Queues as unknown[],
      statement: Properties.PolicyDocument.Statement[0],
    }));

    expect(queues.length).toBeGreaterThan(1);
    for (const [id, { Properties }] of queues) {
      expect(Properties.SqsManagedSseEnabled).toBe(true);
      const policy = policies.find((each) => JSON.stringify(each.queues) === `[{"Ref":"${id}"}]`);
      expect(policy?.statement).toMatchObject({
        Effect: 'Deny',
        Action: 'sqs:*',
        Principal: { AWS: '*' },
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      });
    }
  });

  it('give a poison job up after five deliveries', () => {
    const [deadId, dead] = resourcesOf(native, 'AWS::SQS::Queue').find(
      ([, { Properties }]) => !Properties.RedrivePolicy,
    )!;
    native.template.hasResourceProperties('AWS::SQS::Queue', {
      RedrivePolicy: {
        deadLetterTargetArn: { 'Fn::GetAtt': [deadId, 'Arn'] },
        maxReceiveCount: 5,
      },
      MessageRetentionPeriod: 4 * 86_400,
    });
    expect(dead.Properties.MessageRetentionPeriod).toBe(14 * 86_400);
  });

  it.each([
    ['by default', () => native, 300],
    ['with another time-out', () => wasm, 100],
  ])('hide a job for six times the time-out of a worker, %s', (_, stack, timeout) => {
    expect(functionOf(stack(), 'Workers').Timeout).toBe(timeout);
    stack().template.hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: 6 * timeout });
  });

  it('take the largest message that there is', () => {
    native.template.hasResourceProperties('AWS::SQS::Queue', { MaximumMessageSize: 1 << 20 });
  });
});

describe('the workers', () => {
  it('get one job at a time, as many at once as is said, and tell which failed', () => {
    for (const [stack, concurrency] of [[native, 16] as const, [wasm, 40] as const]) {
      stack.template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
        BatchSize: 1,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: concurrency },
      });
    }
  });

  it('are a zip, with room in /tmp for the native library', () => {
    for (const stack of [native, local]) {
      const worker = functionOf(stack, 'Workers');
      expect(worker).toMatchObject({ Runtime: 'nodejs22.x', Handler: 'index.handler' });
      expect(worker.EphemeralStorage).toEqual({ Size: 1024 });
      expect(worker.Environment.Variables).toMatchObject({
        LAMBDUEL_WORKER_BACKEND: 'native',
        LAMBDUEL_WORKER_PACKAGING: 'zip',
      });
    }
  });

  it('need no more room than others with WebAssembly', () => {
    const worker = functionOf(wasm, 'Workers');
    expect(worker).toMatchObject({ Runtime: 'nodejs22.x', Handler: 'index.handler' });
    expect(worker.EphemeralStorage).toBeUndefined();
    expect(worker.Environment.Variables.LAMBDUEL_WORKER_BACKEND).toBe('wasm');
  });

  it('are an image where that is asked for', async () => {
    const stack = synthesise(await newFolder(), { packaging: 'image' });
    const worker = functionOf(stack, 'Workers');
    expect(worker).toMatchObject({ PackageType: 'Image', Architectures: ['x86_64'] });
    expect(worker.Runtime).toBeUndefined();
    expect(worker.EphemeralStorage).toBeUndefined();
    expect(worker.Environment.Variables.LAMBDUEL_WORKER_PACKAGING).toBe('image');
    const { Code, ImageConfig } = functionOf(stack, 'Residents');
    expect([Code, ImageConfig]).toEqual([worker.Code, { Command: ['resident.handler'] }]);
  });

  it('are refused when the library does not fit into their storage, with the numbers', async () => {
    const large = { unpackedBytes: 1000 * 2 ** 20, addTo: () => {} };
    const folder = await newFolder();
    const synthesising = () => synthesiseAnew(folder, { workerStorage: '1063' }, AWS, large);
    expect(synthesising).toThrow('workerStorage 1063: must be at least 1064');
    expect(synthesising).toThrow(UsageError);
    expect(() => synthesiseAnew(folder, { workerStorage: '1064' }, AWS, large)).not.toThrow();
  });
});

describe('the resident workers', () => {
  it('run the code of the others, may start their successors, and are not started again by Lambda', () => {
    const [resident, worker] = [functionOf(wasm, 'Residents'), functionOf(wasm, 'Workers')];
    expect(resident).toMatchObject({
      Handler: 'resident.handler',
      RecursiveLoop: 'Allow',
      Timeout: 900,
      Code: worker.Code,
      MemorySize: worker.MemorySize,
    });
    wasm.template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: Match.stringLikeRegexp('^Residents') },
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
  });

  it('are known to the coordinator, with how many there may be and where dead letters go', () => {
    const { Variables } = functionOf(wasm, 'Coordination').Environment;
    expect(Variables.LAMBDUEL_CONCURRENCY).toBe('40');
    expect(Variables.LAMBDUEL_RESIDENT_WORKER).toEqual({
      Ref: expect.stringMatching(/^Residents/),
    });
    expect(Variables.LAMBDUEL_DEAD_LETTER_ARN).toEqual({
      'Fn::GetAtt': [expect.stringMatching(/^JobsDeadLetters/), 'Arn'],
    });
  });
});

describe('the coordinator', () => {
  it('may hand over to itself, and is not started again by Lambda', () => {
    expect(functionOf(native, 'Coordination')).toMatchObject({
      RecursiveLoop: 'Allow',
      Timeout: 900,
    });
    native.template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: Match.stringLikeRegexp('^Coordination') },
      MaximumRetryAttempts: 0,
    });
  });

  it('takes no concurrency away from others in the account', () => {
    for (const [, { Properties }] of resourcesOf(native, 'AWS::Lambda::Function')) {
      expect(Properties.ReservedConcurrentExecutions).toBeUndefined();
    }
  });
});

describe('the watchdog', () => {
  it('looks each minute, and is done within it', () => {
    native.template.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      Targets: [
        Match.objectLike({
          Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^SupervisionWatchdog'), 'Arn'] },
        }),
      ],
    });
    expect(functionOf(native, 'Supervision').Timeout).toBeLessThan(60);
  });

  it('alone is told the name of the coordinator', () => {
    const { Environment } = functionOf(native, 'Supervision');
    expect(Environment.Variables.LAMBDUEL_COORDINATOR).toEqual({
      Ref: expect.stringMatching(/^Coordination/),
    });
    const other = functionOf(native, 'Coordination').Environment.Variables;
    expect(other.LAMBDUEL_COORDINATOR).toBeUndefined();
  });
});

describe('every function', () => {
  it('finds its environment complete', () => {
    for (const stack of [native, wasm, local]) {
      for (const name of ['Workers', 'Coordination', 'Supervision']) {
        const variables = functionOf(stack, name).Environment.Variables as Record<string, unknown>;
        const env = Object.fromEntries(
          Object.entries(variables).map(([key, value]) => [key, textOf(value)]),
        );
        const settleMs = stack === local ? 0 : 1000;
        expect(functionEnvironment(env)).toMatchObject({
          LAMBDUEL_QUEUE_SETTLE_MS: settleMs,
          LAMBDUEL_JOB_RETRY_MS: stack === wasm ? 3000 : 1000,
        });
      }
    }
  });

  it('has a log that is not kept for ever, traces, and readable stack traces', () => {
    for (const [, { Properties }] of resourcesOf(native, 'AWS::Lambda::Function')) {
      const logs = native.json.Resources[Properties.LoggingConfig.LogGroup.Ref];
      expect(logs?.Properties.RetentionInDays).toBe(30);
      expect(Properties.TracingConfig).toEqual({ Mode: 'Active' });
      expect(Properties.Environment.Variables.NODE_OPTIONS).toBe('--enable-source-maps');
    }
  });
});

describe('the outputs', () => {
  it('tell the command line what it asks for, and nothing else', () => {
    for (const stack of [native, wasm, local]) {
      const { Outputs } = stack.json;
      const outputs = Object.fromEntries(
        Object.entries(Outputs).map(([key, { Value }]) => [key, textOf(Value)]),
      );
      expect(stackOutputsSchema.parse(outputs)).toEqual(outputs);
    }
  });

  it('tell of the workers what their functions have', () => {
    const { MemorySize, Timeout } = functionOf(wasm, 'Workers');
    const told = Object.entries(wasm.json.Outputs).map(([name, { Value }]) => [name, Value]);
    expect(Object.fromEntries(told)).toMatchObject({
      WorkerPackaging: 'zip',
      WorkerMemory: `${MemorySize}`,
      WorkerTimeout: `${Timeout}`,
    });
  });

  it('name the log group that a function writes to: on LocalStack, that of its name', () => {
    expect(native.json.Outputs.WorkerLogGroup?.Value).toEqual({
      Ref: expect.stringMatching(/^WorkersWorkerLogs/),
    });
    expect(textOf(local.json.Outputs.WorkerLogGroup?.Value)).toMatch(/^"?.*\/aws\/lambda\//);
  });
});

/** Text as it is; anything that is known at deployment only, as JSON. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function refusalWithoutTls(action: string) {
  return Match.objectLike({
    Effect: 'Deny',
    Action: action,
    Principal: { AWS: '*' },
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  });
}
