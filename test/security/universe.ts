import { ACCOUNT, type Deployed, PARTS } from './deployed.ts';

/** What is asked for, and what conditions look at. */
export interface Asked {
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
}

const RUN = 'runs/20260131-235959-0a1b';
const OBJECTS = {
  head: `${RUN}/head.json`,
  config: `${RUN}/config.json`,
  weights: `${RUN}/weights/D/7-e3.safetensors`,
  gradient: `${RUN}/gradients/7/0-e3-1.1.safetensors`,
  'lane state': `${RUN}/lanes/7/0-e3.safetensors`,
  checkpoint: `${RUN}/checkpoints/5-e3/adam-D.safetensors`,
  metrics: `${RUN}/metrics/0-e3.jsonl`,
  timeline: `${RUN}/timeline/0-e3.jsonl`,
  sample: `${RUN}/samples/5.png`,
  report: `${RUN}/report.html`,
  // A `*` of a policy would cover slashes too.
  'a folder of a run that has one called gradients': `${RUN}/checkpoints/5-e3/gradients/D.safetensors`,
  dataset: `datasets/digits/${'ab'.repeat(32)}/images.u8`,
  'program file': `programs/${'ab'.repeat(32)}.mjs`,
  'something else in the bucket': 'other/secret.txt',
} as const;

const ELSEWHERE = {
  "another bucket's head": `arn:aws:s3:::somebody-elses/${OBJECTS.head}`,
  "another bucket's dataset": `arn:aws:s3:::somebody-elses/${OBJECTS.dataset}`,
  'a bucket whose name begins alike': '',
  'another queue': `arn:aws:sqs:eu-west-1:${ACCOUNT}:orders`,
  "another stack's job queue of a run": `arn:aws:sqs:eu-west-1:${ACCOUNT}:Lambduel-2-jobs-x-e1`,
  "another stack's reply queue": `arn:aws:sqs:eu-west-1:${ACCOUNT}:Lambduel-2-replies-x-e1`,
  'another function': `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:payments`,
  'another log': `arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:payments:*`,
  'a role': `arn:aws:iam::${ACCOUNT}:role/admin`,
  'a secret': `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:s`,
  'a key': `arn:aws:kms:eu-west-1:${ACCOUNT}:key/k`,
  'a stack': `arn:aws:cloudformation:eu-west-1:${ACCOUNT}:stack/s/1`,
} as const;

export type Place =
  | keyof typeof OBJECTS
  | keyof typeof ELSEWHERE
  | 'list of runs'
  | 'list of datasets'
  | 'list of programs'
  | 'list of all objects'
  | 'list of other objects'
  | 'job queue'
  | 'dead letters'
  | 'reply queue'
  | "a run's job queue"
  | "a queue with the stack's prefix"
  | `${'worker' | 'resident' | 'coordinator' | 'watchdog'}${'' | "'s log"}`;

/** One of everything that a request can be about, of the stack and of its surroundings. */
export function placesOf(stack: Deployed): Readonly<Record<Place, Asked>> {
  const bucket = stack.arnOf('AWS::S3::Bucket', 'Store');
  const queue = (name: string) => `arn:aws:sqs:eu-west-1:${ACCOUNT}:${stack.queuePrefix}${name}`;
  const list = (prefix?: string): Asked => ({
    resource: bucket,
    context: prefix === undefined ? {} : { 's3:prefix': prefix },
  });
  const own = (type: string, beginning: string) => asked(stack.arnOf(type, beginning));
  const entries = [
    ...Object.entries(OBJECTS).map(([name, key]) => [name, asked(`${bucket}/${key}`)]),
    ...Object.entries(ELSEWHERE).map(([name, arn]) => [name, asked(arn)]),
    ['a bucket whose name begins alike', asked(`${bucket}-2/${OBJECTS.weights}`)],
    ['list of runs', list(`${RUN}/`)],
    ['list of datasets', list('datasets/')],
    ['list of programs', list('programs/')],
    ['list of all objects', list()],
    ['list of other objects', list('other/')],
    ['job queue', own('AWS::SQS::Queue', 'JobsQueue')],
    ['dead letters', own('AWS::SQS::Queue', 'JobsDeadLetters')],
    ['reply queue', asked(queue('replies-20260131-235959-0a1b-e3'))],
    ["a run's job queue", asked(queue('jobs-20260131-235959-0a1b-e3'))],
    ["a queue with the stack's prefix", asked(queue('jobs'))],
    ...Object.entries(PARTS).flatMap(([name, beginning]) => [
      [name, own('AWS::Lambda::Function', beginning)],
      [`${name}'s log`, own('AWS::Logs::LogGroup', beginning)],
    ]),
  ];
  return Object.fromEntries(entries) as Record<Place, Asked>;
}

function asked(resource: string): Asked {
  return { resource, context: {} };
}

const all = (service: string, ...names: readonly string[]) =>
  names.map((name) => `${service}:${name}`);

/** What can be asked of the services that the stack uses, and what an intruder would ask of others. */
export const ACTIONS: readonly string[] = [
  ...all(
    's3',
    'GetObject',
    'GetObjectVersion',
    'GetObjectTagging',
    'PutObject',
    'PutObjectTagging',
  ),
  ...all('s3', 'PutObjectAcl', 'DeleteObject', 'DeleteObjectVersion', 'ListBucket'),
  ...all('s3', 'ListBucketVersions', 'GetBucketPolicy', 'PutBucketPolicy', 'DeleteBucket'),
  ...all('s3', 'PutLifecycleConfiguration', 'PutReplicationConfiguration', 'ListAllMyBuckets'),
  ...all('sqs', 'SendMessage', 'ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility'),
  ...all('sqs', 'GetQueueUrl', 'GetQueueAttributes', 'SetQueueAttributes', 'CreateQueue'),
  ...all('sqs', 'DeleteQueue', 'PurgeQueue', 'TagQueue', 'AddPermission', 'ListQueues'),
  ...all('sqs', 'StartMessageMoveTask'),
  ...all('lambda', 'InvokeFunction', 'UpdateFunctionCode', 'UpdateFunctionConfiguration'),
  ...all('lambda', 'CreateFunction', 'DeleteFunction', 'AddPermission', 'GetFunction'),
  ...all('lambda', 'CreateEventSourceMapping', 'PutFunctionConcurrency'),
  ...all('logs', 'CreateLogStream', 'PutLogEvents', 'GetLogEvents', 'DeleteLogGroup'),
  ...all('iam', 'PassRole', 'CreateRole', 'PutRolePolicy', 'AttachRolePolicy', 'CreateAccessKey'),
  ...all('sts', 'AssumeRole'),
  ...all('kms', 'Decrypt', 'CreateGrant'),
  ...all('secretsmanager', 'GetSecretValue'),
  ...all('ssm', 'GetParameter'),
  ...all('cloudformation', 'UpdateStack', 'DeleteStack'),
  ...all('cloudwatch', 'DeleteAlarms', 'PutMetricData'),
  ...all('events', 'PutRule'),
  ...all('xray', 'PutTraceSegments', 'PutTelemetryRecords', 'GetTraceSummaries'),
];
