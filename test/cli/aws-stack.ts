import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import { vi } from 'vitest';
import { S3Store } from '../../lib/store/s3.ts';
import { createS3Client } from '../../lib/store/s3-client.ts';
import type { LocalStack } from '../../localstack/start.ts';
import { sharedLocalStack } from '../support/shared-localstack.ts';

/** The log groups that the outputs of {@link createStack} name. */
export const LOG_GROUPS = ['coordinator', 'worker', 'watchdog'].map((name) => `/test/${name}`);

/**
 * An account on the shared LocalStack, which the environment of this process and of its children
 * names from now on.
 */
export async function openAccount(): Promise<LocalStack> {
  const localStack = await sharedLocalStack();
  for (const [name, value] of Object.entries(localStack.env)) vi.stubEnv(name, value);
  return localStack;
}

/** A bucket, a queue, and the outputs of a Lambduel stack: all that the command line knows of one. */
export async function createStack(
  StackName: string,
  outputs: Readonly<Record<string, string>> = {},
): Promise<S3Store> {
  const client = new CloudFormationClient({});
  const values = {
    LambduelStack: '1',
    BucketName: { Ref: 'Bucket' },
    JobQueueUrl: { Ref: 'Jobs' },
    DeadLetterQueueUrl: { Ref: 'Dead' },
    QueuePrefix: `${StackName}-`,
    WorkerBackend: 'wasm',
    CoordinatorFunctionName: 'none',
    CoordinatorLogGroup: LOG_GROUPS[0],
    WorkerLogGroup: LOG_GROUPS[1],
    WatchdogLogGroup: LOG_GROUPS[2],
    ...outputs,
  };
  const template = {
    Resources: {
      Bucket: { Type: 'AWS::S3::Bucket' },
      Jobs: { Type: 'AWS::SQS::Queue' },
      Dead: { Type: 'AWS::SQS::Queue' },
    },
    Outputs: Object.fromEntries(
      Object.entries(values)
        .filter(([, Value]) => Value !== '')
        .map(([name, Value]) => [name, { Value }]),
    ),
  };
  await client.send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify(template) }));
  const patience = { client, minDelay: 0.1, maxDelay: 0.5, maxWaitTime: 60 };
  await waitUntilStackCreateComplete(patience, { StackName });
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName }));
  const bucket = Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'BucketName');
  client.destroy();
  return new S3Store(createS3Client(), bucket?.OutputValue ?? '');
}

/** Delete a stack, and wait until it is gone. */
export async function deleteStack(StackName: string): Promise<void> {
  const client = new CloudFormationClient({});
  await client.send(new DeleteStackCommand({ StackName }));
  const patience = { client, minDelay: 0.1, maxDelay: 0.5, maxWaitTime: 60 };
  await waitUntilStackDeleteComplete(patience, { StackName });
  client.destroy();
}
