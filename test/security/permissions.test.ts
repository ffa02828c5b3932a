import { beforeAll, describe, expect, it } from 'vitest';
import { synthesise } from '../cdk/synth.ts';
import { testFolders } from '../support/folders.ts';
import { ACCOUNT, Deployed, PARTS, type Part } from './deployed.ts';
import { decide, type Statement } from './policy.ts';
import { ACTIONS, type Asked, type Place, placesOf } from './universe.ts';

const newFolder = testFolders();
let stack: Deployed;
/** The same, deployed for programs of one's own. */
let open: Deployed;
let places: Readonly<Record<Place, Asked>>;
beforeAll(async () => {
  stack = new Deployed(synthesise(await newFolder(), { retain: false }));
  open = new Deployed(synthesise(await newFolder(), { retain: false, ownPrograms: true }));
  places = placesOf(stack);
});

const SECURE = { 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.2' };
const PART_NAMES = Object.keys(PARTS) as Part[];

function statementsFor(part: Part, of: Deployed): Statement[] {
  return [
    ...of.statementsOf(of.roleOf(part)),
    ...of.resourceStatements('AWS::S3::BucketPolicy'),
    ...of.resourceStatements('AWS::SQS::QueuePolicy'),
  ];
}

/** Everything that a part may do of all that there is, as `action place`. */
function allowedTo(part: Part, of = stack): string[] {
  const statements = statementsFor(part, of);
  const principal = of.roleOf(part);
  return ACTIONS.flatMap((action) =>
    Object.entries(places).flatMap(([place, { resource, context }]) => {
      const request = { principal, action, resource, context: { ...SECURE, ...context } };
      return decide(statements, request) === 'allowed' ? [`${action} ${place}`] : [];
    }),
  ).sort();
}

const each = (action: string, ...names: readonly Place[]) =>
  names.map((name) => `${action} ${name}`);
const RUN: readonly Place[] = [
  ...([
    'head',
    'config',
    'weights',
    'gradient',
    'checkpoint',
    'metrics',
    'timeline',
    'sample',
  ] as const),
  'lane state',
  ...(['report', 'a folder of a run that has one called gradients'] as const),
];
const GRADIENTS: readonly Place[] = ['gradient'];

/** What every worker may do, however it gets its jobs. */
const WORK: readonly string[] = [
  ...each('s3:GetObject', 'weights', 'dataset', 'lane state', ...GRADIENTS),
  ...each('s3:PutObject', 'lane state', ...GRADIENTS),
  ...each('s3:PutObjectTagging', ...GRADIENTS),
  ...each('s3:ListBucket', 'list of runs', 'list of datasets'),
  ...each('sqs:GetQueueUrl', 'reply queue'),
  ...each('sqs:SendMessage', 'reply queue'),
];

/** All that each role may do. What is not here is denied. */
const EXPECTED: Readonly<Record<Part, (own: readonly string[]) => string[]>> = {
  worker: (own) => [
    ...own,
    ...WORK,
    ...each('sqs:ReceiveMessage', 'job queue'),
    ...each('sqs:DeleteMessage', 'job queue'),
    ...each('sqs:ChangeMessageVisibility', 'job queue'),
    ...each('sqs:GetQueueAttributes', 'job queue'),
    ...each('sqs:GetQueueUrl', 'job queue'),
    ...each('logs:CreateLogStream', "worker's log"),
    ...each('logs:PutLogEvents', "worker's log"),
  ],
  resident: (own) => [
    ...own,
    ...WORK,
    ...['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueUrl'].flatMap(
      (action) => each(`sqs:${action}`, "a run's job queue"),
    ),
    ...each('lambda:InvokeFunction', 'resident'),
    ...each('logs:CreateLogStream', "resident's log"),
    ...each('logs:PutLogEvents', "resident's log"),
  ],
  coordinator: (own) => [
    ...own,
    ...each('s3:GetObject', ...RUN, 'dataset'),
    ...each('s3:PutObject', ...RUN, 'dataset'),
    ...each('s3:PutObjectTagging', ...RUN),
    ...each('s3:DeleteObject', ...RUN),
    ...each('s3:ListBucket', 'list of runs', 'list of datasets'),
    ...each('sqs:SendMessage', 'job queue', "a run's job queue"),
    ...each('sqs:GetQueueUrl', 'job queue', "a run's job queue", 'reply queue'),
    ...['CreateQueue', 'TagQueue', 'DeleteQueue'].flatMap((action) =>
      each(`sqs:${action}`, 'reply queue', "a run's job queue"),
    ),
    ...each('sqs:ReceiveMessage', 'reply queue'),
    ...each('sqs:ChangeMessageVisibility', 'reply queue'),
    ...each('sqs:DeleteMessage', 'reply queue'),
    ...each('lambda:InvokeFunction', 'coordinator', 'resident'),
    ...each('logs:CreateLogStream', "coordinator's log"),
    ...each('logs:PutLogEvents', "coordinator's log"),
  ],
  watchdog: (own) => [
    ...own,
    ...each('s3:GetObject', 'head', 'config'),
    ...each('s3:ListBucket', 'list of runs'),
    ...each('sqs:GetQueueUrl', 'reply queue', "a run's job queue"),
    ...each('sqs:DeleteQueue', 'reply queue', "a run's job queue"),
    ...(Object.keys(places) as Place[]).flatMap((place) => each('sqs:ListQueues', place)),
    ...each('lambda:InvokeFunction', 'coordinator'),
    ...each('logs:CreateLogStream', "watchdog's log"),
    ...each('logs:PutLogEvents', "watchdog's log"),
  ],
};

describe('of all actions on all resources, a role may do just these:', () => {
  it.each(PART_NAMES)('%s', (part) => {
    const tracing = (Object.keys(places) as Place[]).flatMap((place) => [
      ...each('xray:PutTraceSegments', place),
      ...each('xray:PutTelemetryRecords', place),
    ]);
    expect(allowedTo(part)).toEqual(EXPECTED[part](tracing).sort());
  });
});

describe("where the stack was deployed for programs of one's own,", () => {
  const reading = [
    ...each('s3:GetObject', 'program file'),
    ...each('s3:ListBucket', 'list of programs'),
  ];

  it.each<Part>(['worker', 'resident', 'coordinator'])(
    'the %s reads them too, and never writes one',
    (part) => {
      const [before, now] = [allowedTo(part), allowedTo(part, open)];
      expect(now.filter((each) => !before.includes(each))).toEqual(reading);
      expect(before.filter((each) => !now.includes(each))).toEqual([]);
    },
  );

  it('the watchdog may do no more than before', () => {
    expect(allowedTo('watchdog', open)).toEqual(allowedTo('watchdog'));
  });
});

describe('no role has', () => {
  it.each(PART_NAMES)('any say over identities, keys or code: %s', (part) => {
    const actions = stack.statementsOf(stack.roleOf(part)).flatMap(({ Action }) => [Action].flat());
    const services = new Set(actions.map((action) => action.split(':')[0]));
    expect(
      [...services].filter((name) => !['s3', 'sqs', 'lambda', 'logs', 'xray'].includes(name ?? '')),
    ).toEqual([]);
    expect(actions.filter((action) => /[*?]/.test(action))).toEqual([]);
  });

  it('another holder than Lambda', () => {
    const roles = stack.trust();
    expect(Object.keys(roles).length).toBeGreaterThanOrEqual(PART_NAMES.length);
    const statement = {
      Action: 'sts:AssumeRole',
      Effect: 'Allow',
      Principal: { Service: 'lambda.amazonaws.com' },
    };
    for (const [role, statements] of Object.entries(roles)) {
      expect({ role, statements }).toEqual({ role, statements: [statement] });
    }
  });
});

describe('whoever asks, even one who may do everything,', () => {
  const everything: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };
  const ask = (action: string, place: Place, context: Readonly<Record<string, string>>) =>
    decide(
      [
        everything,
        ...stack.resourceStatements('AWS::S3::BucketPolicy'),
        ...stack.resourceStatements('AWS::SQS::QueuePolicy'),
      ],
      {
        principal: `arn:aws:iam::${ACCOUNT}:root`,
        action,
        resource: places[place].resource,
        context: { ...SECURE, ...context },
      },
    );
  const PLAIN = { 'aws:SecureTransport': 'false' };

  it.each<Place>(['head', 'weights', 'dataset', 'list of runs'])(
    'the bucket answers nothing by plain HTTP or by TLS before 1.2: %s',
    (place) => {
      for (const action of ACTIONS.filter((name) => name.startsWith('s3:'))) {
        expect(ask(action, place, {})).toBe('allowed');
        expect(ask(action, place, PLAIN)).toBe('denied by a statement');
        expect(ask(action, place, { 's3:TlsVersion': '1.1' })).toBe('denied by a statement');
      }
    },
  );

  it.each<Place>(['job queue', 'dead letters'])('the %s answers nothing by plain HTTP', (place) => {
    for (const action of ACTIONS.filter((name) => name.startsWith('sqs:'))) {
      expect(ask(action, place, {})).toBe('allowed');
      expect(ask(action, place, PLAIN)).toBe('denied by a statement');
    }
  });

  it('somebody from another account is let in nowhere', () => {
    const statements = [
      ...stack.resourceStatements('AWS::S3::BucketPolicy'),
      ...stack.resourceStatements('AWS::SQS::QueuePolicy'),
    ];
    const principal = 'arn:aws:iam::444455556666:role/other';
    for (const action of ACTIONS) {
      for (const { resource, context } of Object.values(places)) {
        const request = { principal, action, resource, context: { ...SECURE, ...context } };
        expect(decide(statements, request)).toBe('denied');
      }
    }
  });
});
