import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { functionEnvironment } from '../../lib/cloud/environment.ts';
import { redact, redactError } from '../../lib/cloud/redact.ts';
import { serveJob } from '../../lib/cloud/serve-job.ts';
import { createLogger, createMetrics } from '../../lib/cloud/telemetry.ts';
import { SqsQueueService } from '../../lib/queue/sqs.ts';
import { S3Store } from '../../lib/store/s3.ts';
import { CannedServer } from '../support/canned-server.ts';

const ACCOUNT = '123456789012';
const KEY_ID = 'ASIAQ3EXAMPLE7EXAMPL';
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const TOKEN = 'IQoJb3JpZ2luX2VjEXAMPLE/token+of+a/session==';
const ROLE = `arn:aws:sts::${ACCOUNT}:assumed-role/Lambduel-Worker/Lambduel-Worker`;
const FUNCTION = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:Lambduel-Worker`;
const QUEUE_URL = `https://sqs.eu-west-1.amazonaws.com/${ACCOUNT}/Lambduel-Jobs`;
const RUN = '20260131-235959-0a1b';

const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: KEY_ID,
  AWS_SECRET_ACCESS_KEY: SECRET,
  AWS_SESSION_TOKEN: TOKEN,
  AWS_REGION: 'eu-west-1',
  LAMBDUEL_STACK: 'Lambduel',
  LAMBDUEL_BUCKET: 'the-bucket',
  LAMBDUEL_QUEUE_PREFIX: 'p-',
  LAMBDUEL_JOB_QUEUE_URL: QUEUE_URL,
  LAMBDUEL_WORKER_BACKEND: 'wasm',
};

let server: CannedServer;
let written: string[];
beforeAll(async () => {
  for (const [name, value] of Object.entries(ENVIRONMENT)) vi.stubEnv(name, value);
  server = await CannedServer.start();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
});
beforeEach(() => {
  written = [];
  const keep = (line: unknown) => void written.push(String(line));
  for (const method of ['debug', 'info', 'warn', 'error', 'log', 'trace'] as const) {
    vi.spyOn(console, method).mockImplementation(keep);
  }
});

/**
 * A logger as the functions make it. Powertools has a console of its own, but for those who develop:
 * what it writes can be seen then.
 */
function logger() {
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  const made = createLogger('worker', functionEnvironment());
  vi.stubEnv('POWERTOOLS_DEV', undefined);
  made.addContext({ functionName: 'Lambduel-Worker', invokedFunctionArn: FUNCTION } as Context);
  return made;
}

/** What must be in no log. */
function expectNothingTold(text: string): void {
  for (const secret of [ACCOUNT, KEY_ID, SECRET, TOKEN, encodeURIComponent(TOKEN)]) {
    expect(text).not.toContain(secret);
  }
}

const denied = (resource: string) =>
  `User: ${ROLE} is not authorized to perform: s3:GetObject on resource: "${resource}" because no identity-based policy allows it`;
/** What S3 answers to a signature that is wrong: all of what was signed. */
const MISMATCH = `<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided.</Message><AWSAccessKeyId>${KEY_ID}</AWSAccessKeyId><StringToSign>AWS4-HMAC-SHA256</StringToSign><CanonicalRequest>GET\n/k\n\nx-amz-security-token:${TOKEN}\n</CanonicalRequest></Error>`;

const settings = () => ({ endpoint: server.endpoint, region: 'eu-west-1', maxAttempts: 1 });
const s3 = () => new S3Client({ ...settings(), forcePathStyle: true });

describe('no log tells secrets or the number of the account', () => {
  it.each([
    [
      'a refused request',
      403,
      `<Error><Code>AccessDenied</Code><Message>${denied('arn:aws:s3:::b/k')}</Message></Error>`,
    ],
    ['a wrong signature', 403, MISMATCH],
    [
      'an unknown key',
      403,
      `<Error><Code>InvalidAccessKeyId</Code><Message>no</Message><AWSAccessKeyId>${KEY_ID}</AWSAccessKeyId></Error>`,
    ],
  ])('of S3: %s', async (_, status, body) => {
    server.inTurn({ status, body });
    const error = await s3()
      .send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }))
      .catch((e) => e);
    const wrapped = await new S3Store(s3(), 'b').get('k').catch((e) => e);

    const log = logger();
    log.error('The coordinator failed', error);
    log.error('The coordinator failed', wrapped);
    log.warn('Job sent again', { reason: wrapped.message, cause: wrapped });

    expect(written).toHaveLength(3);
    expect(written.join()).toContain(error.name);
    expectNothingTold(written.join());
  });

  it('of SQS: a refused request, and a wrong signature', async () => {
    const message = `${denied(QUEUE_URL)}. The Canonical String for this request should have been 'x-amz-security-token:${TOKEN}'`;
    server.inTurn({
      status: 403,
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amzn-query-error': 'AccessDenied;Sender',
      },
      body: JSON.stringify({ __type: 'com.amazon.coral.service#AccessDenied', message }),
    });
    const client = new SQSClient(settings());
    const error = await client.send(new GetQueueUrlCommand({ QueueName: 'q' })).catch((e) => e);
    expect(error.message).toContain(ACCOUNT);

    logger().error('The watchdog failed', error);

    expect(written.join()).toContain('s3:GetObject on resource');
    expectNothingTold(written.join());
  });

  it('of a worker whose job is poison, and whose queue refuses it', async () => {
    server.inTurn({
      status: 403,
      body: JSON.stringify({ __type: 'AccessDenied', message: denied(QUEUE_URL) }),
    });
    const queues = new SqsQueueService(new SQSClient(settings()), {
      prefix: 'p-',
      known: { jobs: QUEUE_URL },
    });
    const services = { env: functionEnvironment(), queues, store: new S3Store(s3(), 'b') };
    const delivery = { body: `{"poison":"${FUNCTION} ${TOKEN}"}`, receipt: 'r', attempt: 1 };
    const worker = () => Promise.reject(new Error(`no ${ROLE}`));

    await serveJob(services, logger(), worker, delivery).catch(() => {});

    expect(written.length).toBeGreaterThan(0);
    expectNothingTold(written.join());
  });

  it('of what every line has: the function, the run', () => {
    const log = logger();
    log.appendKeys({ runId: RUN });
    log.info('Run started', { queue: QUEUE_URL });
    const metrics = createMetrics(functionEnvironment());
    metrics.addMetric('Iterations', 'Count', 1);
    written.push(JSON.stringify(metrics.serializeMetrics()));
    metrics.clearMetrics();

    expect(written[0]).toContain(`arn:aws:lambda:eu-west-1:************:function:Lambduel-Worker`);
    expect(written[0]).toContain(RUN);
    expect(written.join()).toContain('CloudWatchMetrics');
    expectNothingTold(written.join());
  });

  it('of an error that a function throws, which the runtime logs', () => {
    const error = Object.assign(new TypeError(denied(QUEUE_URL)), { AWSAccessKeyId: KEY_ID });

    const told = redactError(error) as Error;

    expect(told.name).toBe('TypeError');
    expect(told.message).toContain('is not authorized to perform: s3:GetObject');
    expectNothingTold(JSON.stringify({ ...told, message: told.message, stack: told.stack }));
  });
});

describe('redact', () => {
  it.each([
    [`arn:aws:iam::${ACCOUNT}:role/r`, 'arn:aws:iam::************:role/r'],
    [QUEUE_URL, 'https://sqs.eu-west-1.amazonaws.com/************/Lambduel-Jobs'],
    [`account ${ACCOUNT}.`, 'account ************.'],
    [`${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com`, '************.dkr.ecr.eu-west-1.amazonaws.com'],
    [`cdk-assets-${ACCOUNT}-eu-west-1`, 'cdk-assets-************-eu-west-1'],
    [`key ${KEY_ID}`, 'key ************'],
    [`x-amz-security-token=${encodeURIComponent(TOKEN)}&a`, 'x-amz-security-token=************&a'],
  ])('hides what is secret in %s', (text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  it.each([
    `runs/${RUN}/head.json`,
    '5a1b7c9e-0000-4000-8000-123456789012',
    '1-5759e988-bd862e3fe1be46a994272793',
    'step 1234567890123 took 0.123456789012 ms',
    'sha256 0768d16c5adea568dee18fa5e4e1acb117e9ec2c5d6b1dffe5fc29c1e61c1eca',
  ])('leaves %s as it is', (text) => {
    expect(redact(text)).toBe(text);
  });
});
