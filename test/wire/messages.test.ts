import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidDataError } from '../../lib/errors.ts';
import { parseJob, parseReply, roundOf } from '../../lib/wire/messages.ts';
import { failure, gradientJob, sampleJob, success } from '../../support/messages.ts';

const JOBS = [gradientJob(), sampleJob()];
const REPLIES = [success(), failure(), success({ data: { ...success().data, key: 'runs/x/g' } })];

describe('round trip', () => {
  it.each(JOBS)('of a $kind job', (job) => {
    expect(parseJob(JSON.stringify(job))).toEqual(job);
  });

  it.each(REPLIES)('of a $kind reply', (reply) => {
    expect(parseReply(JSON.stringify(reply))).toEqual(reply);
  });

  it('keeps statistics that are no numbers or not finite, which JSON itself cannot hold', () => {
    const statistics = { a: 'NaN', b: 'Infinity', c: '-Infinity', d: -0.25 };
    const body = JSON.stringify({ ...success(), statistics });
    const reply = parseReply(body);
    expect(reply.kind === 'success' && reply.statistics).toEqual({
      a: Number.NaN,
      b: Number.POSITIVE_INFINITY,
      c: Number.NEGATIVE_INFINITY,
      d: -0.25,
    });
  });
});

/** Each field of the messages with values that must not pass. */
const BAD: Readonly<Record<string, readonly unknown[]>> = {
  format: [0, 2, '1', null],
  kind: ['train', '', null],
  runId: ['../../etc', '20260131-235959-0A1B', '20260131-235959-0a1b/x', ' ', 7],
  epoch: [0, -1, 1.5, 2 ** 53, '3'],
  attempt: [0, '1'],
  seed: [-1, 0.5, 2 ** 53, '7'],
  program: [{ name: 'mlp-gan' }, { name: '', settings: {} }, 'mlp-gan'],
  weights: [{ D: { key: 'k' } }, { D: { key: 'k', crc32: 'xyz' } }, { D: null }, []],
  replyTo: ['', 'q'.repeat(129)],
  step: [-1, 1e300],
  phase: [-1, 0.5],
  shard: [-1, 4],
  shards: [0, 2, 129, 2 ** 40],
  batch: [0, 3, 1_000_001],
  dataset: [{ name: 'digits', sha256: 'ab', examples: 1 }, null],
  wire: ['f64', ''],
  gradients: ['auto', '', null],
  iteration: [-1],
  examples: [0, 65_537],
  round: ['', 5],
  index: [-1, 0.5],
  statistics: [{ a: 'nan' }, { a: null }, null],
  timing: [
    { loadMs: 1, compileMs: '1', computeMs: 2, encodeMs: 3 },
    { loadMs: 1 },
    { loadMs: 1, computeMs: 2, encodeMs: '3' },
  ],
  data: [{ bytes: -1, crc32: '0123abcd' }, { bytes: 1, crc32: '0123ABCD' }, { bytes: 1 }],
  error: [{ name: 'E' }, { name: 'E', message: 'm'.repeat(4001) }],
  retryable: ['yes', null],
};

/** What older senders leave out. */
const OPTIONAL = ['gradients'];

it('a gradient job that does not say how is computed eagerly, as it always was', () => {
  const { gradients: _, ...old } = gradientJob();
  expect(parseJob(JSON.stringify(old))).toEqual(gradientJob({ gradients: 'eager' }));
});

describe.each([
  ...JOBS.map((message) => ({ kind: `${message.kind} job`, message, parse: parseJob })),
  ...REPLIES.map((message) => ({ kind: `${message.kind} reply`, message, parse: parseReply })),
])('a $kind is refused', ({ message, parse }) => {
  const fields = Object.keys(message);

  it.each(fields.filter((field) => !OPTIONAL.includes(field)))('without %s', (field) => {
    const { [field]: _, ...rest } = message as Record<string, unknown>;
    expect(() => parse(JSON.stringify(rest))).toThrow(InvalidDataError);
  });

  it.each(
    fields.flatMap((field) => (BAD[field] ?? [undefined]).map((value) => ({ field, value }))),
  )('with $field $value', ({ field, value }) => {
    const act = () => parse(JSON.stringify({ ...message, [field]: value }));
    expect(act).toThrow(InvalidDataError);
  });

  it('with a key too many', () => {
    const act = () => parse(JSON.stringify({ ...message, extra: 1 }));
    expect(act).toThrow(InvalidDataError);
    expect(act).toThrow('extra');
  });
});

it('refuses a job where a reply is expected, and a reply where a job is', () => {
  expect(() => parseReply(JSON.stringify(gradientJob()))).toThrow(InvalidDataError);
  expect(() => parseJob(JSON.stringify(success()))).toThrow(InvalidDataError);
});

it('refuses any text that is not a message, and never fails in another way', () => {
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json().map((body) => `{"format":1,"kind":"gradient","x":${body}}`),
    fc.nat().map((length) => {
      const body = JSON.stringify(gradientJob());
      return body.slice(0, length % body.length);
    }),
  );
  fc.assert(
    fc.property(text, (body) => {
      expect(() => parseJob(body)).toThrow(InvalidDataError);
      expect(() => parseReply(body)).toThrow(InvalidDataError);
    }),
    { numRuns: 1000 },
  );
});

it('tells rounds apart: steps from samples, and one step from another', () => {
  const rounds = [
    gradientJob({ step: 7 }),
    gradientJob({ step: 8 }),
    sampleJob({ iteration: 7 }),
  ].map((job) => roundOf(job).round);
  expect(new Set(rounds).size).toBe(3);
  expect(roundOf(gradientJob({ shard: 3 })).index).toBe(3);
});
