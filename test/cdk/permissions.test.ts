import { beforeAll, describe, expect, it } from 'vitest';
import { testFolders } from '../support/folders.ts';
import { resourcesOf, type Synthesised, synthesise } from './synth.ts';

/** What a policy allows, with what is known at deployment only as `<LogicalId.Attribute>`. */
interface Allowed {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

type CloudFormationCall =
  | { readonly Ref: string }
  | { readonly 'Fn::GetAtt': readonly string[] }
  | { readonly 'Fn::Join': readonly [string, readonly (string | CloudFormationCall)[]] };

const newFolder = testFolders();
let stack: Synthesised;
let bucket: string;
let replies: string;
let jobs: string;
let runJobs: string;
beforeAll(async () => {
  stack = synthesise(await newFolder());
  bucket = `<${idOf('AWS::S3::Bucket', 'Store')}.Arn>`;
  jobs = `<${idOf('AWS::SQS::Queue', 'JobsQueue')}.Arn>`;
  replies = `arn:<AWS::Partition>:sqs:<AWS::Region>:<AWS::AccountId>:${stack.json.Outputs.QueuePrefix?.Value}replies-20260101-000000-abcd-e1`;
  runJobs = replies.replace('replies-', 'jobs-');
});

const head = 'runs/20260101-000000-abcd/head.json';
const config = 'runs/20260101-000000-abcd/config.json';
const weights = 'runs/20260101-000000-abcd/weights/D/1-e1.safetensors';
const gradient = 'runs/20260101-000000-abcd/gradients/1/0-e1-1.safetensors';
const checkpoint = 'runs/20260101-000000-abcd/checkpoints/1-e1/D.safetensors';
const laneState = 'runs/20260101-000000-abcd/lanes/1/0-e1.safetensors';
const dataset = 'datasets/digits/abc/images.u8';

describe('a worker', () => {
  it('reads weights and datasets, and writes gradients and lane states', () => {
    expect(may('Workers', 's3:GetObject', weights)).toBe(true);
    expect(may('Workers', 's3:GetObject', dataset)).toBe(true);
    expect(may('Workers', 's3:PutObject', gradient)).toBe(true);
    expect(may('Workers', 's3:GetObject', laneState)).toBe(true);
    expect(may('Workers', 's3:PutObject', laneState)).toBe(true);
  });

  it.each([
    ['s3:PutObject', () => head],
    ['s3:PutObject', () => checkpoint],
    ['s3:PutObject', () => weights],
    ['s3:PutObject', () => dataset],
    ['s3:GetObject', () => head],
    ['s3:GetObject', () => checkpoint],
    ['s3:DeleteObject', () => gradient],
  ])('may not %s %s', (action, key) => {
    expect(may('Workers', action, key())).toBe(false);
  });

  it('takes jobs and answers, but sends no jobs and makes no queues', () => {
    for (const action of ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility']) {
      expect(allows('Workers', `sqs:${action}`, jobs)).toBe(true);
    }
    expect(allows('Workers', 'sqs:SendMessage', replies)).toBe(true);
    expect(allows('Workers', 'sqs:SendMessage', jobs)).toBe(false);
    expect(allows('Workers', 'sqs:ReceiveMessage', replies)).toBe(false);
    expect(allows('Workers', 'sqs:CreateQueue', replies)).toBe(false);
  });

  it('invokes nothing', () => {
    expect(actionsOf('Workers').filter((action) => action.startsWith('lambda:'))).toEqual([]);
  });
});

describe('a resident worker', () => {
  it('does what a worker does with objects, and no more', () => {
    for (const key of [head, config, weights, gradient, checkpoint, laneState, dataset]) {
      for (const action of ['s3:GetObject', 's3:PutObject', 's3:DeleteObject']) {
        expect(may('Residents', action, key)).toBe(may('Workers', action, key));
      }
    }
  });

  it("takes the jobs of runs' own queues, and answers, but has no say over queues", () => {
    for (const action of ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility']) {
      expect(allows('Residents', `sqs:${action}`, runJobs)).toBe(true);
      expect(allows('Residents', `sqs:${action}`, jobs)).toBe(false);
    }
    expect(allows('Residents', 'sqs:SendMessage', replies)).toBe(true);
    for (const action of ['SendMessage', 'CreateQueue', 'DeleteQueue']) {
      expect(allows('Residents', `sqs:${action}`, runJobs)).toBe(false);
    }
  });

  it('invokes its successor, and no other', () => {
    expect(invoked('Residents')).toEqual([functionArn('Residents')]);
  });
});

describe('a coordinator', () => {
  it('has the runs, and adds datasets, but removes none', () => {
    for (const key of [head, config, weights, gradient, checkpoint]) {
      for (const action of ['s3:GetObject', 's3:PutObject', 's3:DeleteObject']) {
        expect(may('Coordination', action, key)).toBe(true);
      }
    }
    expect(may('Coordination', 's3:PutObject', dataset)).toBe(true);
    expect(may('Coordination', 's3:DeleteObject', dataset)).toBe(false);
  });

  it('has the queues of its answers, and sends jobs, but takes none', () => {
    for (const action of ['CreateQueue', 'TagQueue', 'ReceiveMessage', 'DeleteQueue']) {
      expect(allows('Coordination', `sqs:${action}`, replies)).toBe(true);
    }
    expect(allows('Coordination', 'sqs:SendMessage', jobs)).toBe(true);
    expect(allows('Coordination', 'sqs:ReceiveMessage', jobs)).toBe(false);
    expect(allows('Coordination', 'sqs:DeleteQueue', jobs)).toBe(false);
  });

  it('invokes itself and resident workers, and no other', () => {
    const expected = [functionArn('Residents'), functionArn('Coordination')];
    expect(invoked('Coordination').sort()).toEqual(expected.sort());
  });

  it('makes, fills and removes the job queues of runs, but takes none of their jobs', () => {
    for (const action of ['CreateQueue', 'SendMessage', 'DeleteQueue']) {
      expect(allows('Coordination', `sqs:${action}`, runJobs)).toBe(true);
    }
    expect(allows('Coordination', 'sqs:ReceiveMessage', runJobs)).toBe(false);
  });
});

describe('the watchdog', () => {
  it('reads heads and configs, and writes nothing', () => {
    expect(may('Supervision', 's3:GetObject', head)).toBe(true);
    expect(may('Supervision', 's3:GetObject', config)).toBe(true);
    expect(may('Supervision', 's3:GetObject', checkpoint)).toBe(false);
    expect(actionsOf('Supervision')).not.toContain('s3:PutObject');
    expect(actionsOf('Supervision')).not.toContain('s3:DeleteObject');
  });

  it('finds and removes queues of runs only', () => {
    expect(allows('Supervision', 'sqs:ListQueues', '*')).toBe(true);
    expect(allows('Supervision', 'sqs:DeleteQueue', replies)).toBe(true);
    expect(allows('Supervision', 'sqs:DeleteQueue', runJobs)).toBe(true);
    expect(allows('Supervision', 'sqs:DeleteQueue', jobs)).toBe(false);
  });

  it('invokes the coordinator and no other', () => {
    expect(invoked('Supervision')).toEqual([functionArn('Coordination')]);
  });
});

describe('every role', () => {
  it('is for all resources only where AWS knows none', () => {
    const broad = ['Workers', 'Residents', 'Coordination', 'Supervision'].flatMap((role) =>
      allowed(role)
        .filter(({ resources }) => resources.includes('*'))
        .flatMap(({ actions }) => actions),
    );
    expect([...new Set(broad)].sort()).toEqual([
      'sqs:ListQueues',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  it('names each action, and has no policy of AWS', () => {
    for (const role of ['Workers', 'Residents', 'Coordination', 'Supervision']) {
      expect(actionsOf(role).filter((action) => action.includes('*'))).toEqual([]);
    }
    for (const [, { Properties }] of resourcesOf(stack, 'AWS::IAM::Role')) {
      expect(Properties.ManagedPolicyArns).toBeUndefined();
    }
  });

  it('writes to its own log only', () => {
    for (const role of ['Workers', 'Residents', 'Coordination', 'Supervision']) {
      const written = allowed(role).filter(({ actions }) => actions.includes('logs:PutLogEvents'));
      expect(written.map(({ resources }) => resources)).toEqual([
        [`<${idOf('AWS::Logs::LogGroup', role)}.Arn>`],
      ]);
    }
  });

  it('lists no more of the bucket than the folders that it has to do with', () => {
    for (const [, { Properties }] of resourcesOf(stack, 'AWS::IAM::Policy')) {
      for (const statement of Properties.PolicyDocument.Statement) {
        if (![statement.Action].flat().includes('s3:ListBucket')) continue;
        const prefixes: string[] = statement.Condition.StringLike['s3:prefix'];
        expect(prefixes.every((prefix) => /^(runs|datasets)\/\*$/.test(prefix))).toBe(true);
      }
    }
  });
});

/** Whether the role of one part of the stack may do something with an object. */
function may(part: string, action: string, key: string): boolean {
  return allows(part, action, `${bucket}/${key}`);
}

function allows(part: string, action: string, resource: string): boolean {
  return allowed(part).some(
    ({ actions, resources }) =>
      actions.includes(action) && resources.some((pattern) => matches(pattern, resource)),
  );
}

function matches(pattern: string, resource: string): boolean {
  const escaped = pattern.replaceAll(/[^\w*?]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(resource);
}

function actionsOf(part: string): string[] {
  return allowed(part).flatMap(({ actions }) => actions);
}

function invoked(part: string): string[] {
  return allowed(part)
    .filter(({ actions }) => actions.includes('lambda:InvokeFunction'))
    .flatMap(({ resources }) => resources);
}

/** What the policies of one part's role allow. */
function allowed(part: string): Allowed[] {
  const role = idOf('AWS::IAM::Role', part);
  return resourcesOf(stack, 'AWS::IAM::Policy')
    .filter(([, { Properties }]) => JSON.stringify(Properties.Roles) === `[{"Ref":"${role}"}]`)
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement)
    .map(({ Action, Resource }) => ({
      actions: [Action].flat(),
      resources: [Resource].flat().map(flat),
    }));
}

function functionArn(part: string): string {
  return `<${idOf('AWS::Lambda::Function', part)}.Arn>`;
}

function idOf(type: string, beginning: string): string {
  const ids = resourcesOf(stack, type).map(([id]) => id);
  return ids.find((id) => id.startsWith(beginning)) ?? `no ${type} ${beginning}`;
}

/** A resource's name as text. */
function flat(value: string | CloudFormationCall): string {
  if (typeof value === 'string') return value;
  if ('Ref' in value) return `<${value.Ref}>`;
  if ('Fn::GetAtt' in value) return `<${value['Fn::GetAtt'].join('.')}>`;
  const [separator, parts] = value['Fn::Join'];
  return parts.map(flat).join(separator);
}
