import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseTrigger } from '../lib/cloud/trigger.ts';
import { InvalidDataError, UsageError } from '../lib/errors.ts';
import {
  decodeSqsMessage,
  decodeSqsText,
  encodeSqsText,
  MAX_MESSAGE_BYTES,
} from '../lib/queue/sqs-message.ts';
import { MAX_LOCAL_ITERATIONS, MAX_SCORED, parseJob, parseReply } from '../lib/wire/messages.ts';
import {
  failure,
  gradientJob,
  localJob,
  sampleJob,
  scoreJob,
  statisticsJob,
  success,
} from '../support/messages.ts';
import { damaged } from './byte-inputs.ts';
import { jsonExtremes, jsonNear } from './json-inputs.ts';
import { assertPlain, assertStable } from './promises.ts';
import { type Target, textTarget } from './target.ts';

const RUN = '20260131-235959-0a1b';

const JOBS = [
  gradientJob(),
  sampleJob(),
  gradientJob({ wire: 'f16', shards: 1, shard: 0, augment: ['color', 'cutout'] }),
  gradientJob({ trace: true }),
  localJob(),
  localJob({ state: null, lane: 0, lanes: 1, averaging: 0, iteration: 0, gradients: 'compiled' }),
  scoreJob(),
  statisticsJob(),
];
const REPLIES = [
  success(),
  success({ statistics: { a: 1, b: -0.5 }, data: { bytes: 3, crc32: '0123abcd', key: 'runs/x' } }),
  failure(),
  success({ round: 'score-5', index: 0, statistics: { frechet: 22.5, kid: -0.01, coverage: 10 } }),
  success({ round: 'statistics-5', index: 0, statistics: {} }),
  success({
    worker: 'process 12',
    trace: { takenAt: 1_769_903_999_005, startMs: 0.1, storeMs: 2 },
  }),
  success({
    round: 'local-2',
    statistics: {},
    lane: {
      iterations: [{ gCost: 0.7, dCost: -0.5 }, { gCost: 1 }],
      state: { key: `runs/${RUN}/lanes/2/2-e3.safetensors`, crc32: '0123abcd' },
    },
  }),
];
const TRIGGERS = [
  { action: 'train' },
  { action: 'train', preset: 'blog', iterations: 5, batch: 64, seed: 3, dataset: 'moons@0a1b2c' },
  { action: 'train', runId: RUN, learningRate: 1e-3, quorum: 1, maxCost: 2, wire: 'f16' },
  { action: 'train', augment: 'translation,cutout' },
  { action: 'train', initFrom: RUN },
  { action: 'train', initFrom: { source: 'a file', networks: { G: '0a'.repeat(32) } } },
  { action: 'resume', runId: RUN },
  { action: 'advance', runId: RUN },
];

const job = textTarget({
  name: 'job',
  inputs: jsonNear(JOBS),
  extremes: jsonExtremes(inPlaceOf(JOBS[0], '"outputScale":1')),
  refuses: [InvalidDataError],
  feed: (text) => {
    const value = parseJob(text);
    assertPlain(value);
    assertStable(parseJob, value);
    assert.match(value.runId, /^[0-9a-f-]{20}$/);
    if (value.kind === 'gradient')
      assert(value.shard < value.shards && value.shards <= value.batch);
    if (value.kind === 'score') assert(value.examples >= 1 && value.examples <= MAX_SCORED);
    if (value.kind === 'local') {
      assert(value.lane < value.lanes && value.lanes <= value.batch);
      assert(value.iterations >= 1 && value.iterations <= MAX_LOCAL_ITERATIONS);
    }
  },
});

const reply = textTarget({
  name: 'reply',
  inputs: jsonNear(REPLIES),
  extremes: jsonExtremes(inPlaceOf(REPLIES[0], '"dCost":0.5')),
  refuses: [InvalidDataError],
  feed: (text) => {
    const value = parseReply(text);
    assertPlain(value);
    assertStable(parseReply, value);
    if (value.kind === 'success') {
      const told = [value.statistics, ...(value.lane?.iterations ?? [])];
      assert(told.flatMap(Object.values).every((each) => typeof each === 'number'));
      assert(told.length <= 1 + MAX_LOCAL_ITERATIONS);
    }
  },
});

const TEXTS = [
  encodeSqsText(JSON.stringify(success())),
  encodeSqsText('#"\u0000ä\u{1f600}'),
  'a text of its own',
];

const sqsText = textTarget({
  name: 'sqs-text',
  inputs: fc.oneof(
    damaged(TEXTS.map((text) => Buffer.from(text))).map((bytes) => bytes.toString()),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ maxLength: 40 }).map((text) => `#${text}`),
    fc.json().map((text) => `#${text}`),
    jsonNear([{ a: 'x' }, ['b']]).map((text) => `#"${text}`),
  ),
  extremes: {
    'no JSON at all': () => `#${'*'.repeat(MAX_MESSAGE_BYTES)}\nx`,
    'a long escaped text': () => `#"${'\\u0000'.repeat(MAX_MESSAGE_BYTES / 6)}"`,
    'many line feeds': () => `#${'\n'.repeat(MAX_MESSAGE_BYTES)}`,
    'deep JSON': () => `#"${'['.repeat(MAX_MESSAGE_BYTES)}`,
  },
  refuses: [InvalidDataError],
  feed: (text) => {
    const { body } = decodeSqsMessage({ MessageBody: text }); // which never throws
    assert.equal(typeof body, 'string');
    const decoded = decodeSqsText(text);
    assert.equal(decodeSqsText(encodeSqsText(decoded)), decoded);
  },
});

const trigger = textTarget({
  name: 'trigger',
  inputs: jsonNear(TRIGGERS),
  extremes: jsonExtremes((value) => `{"action":"train","batch":${value}}`),
  refuses: [UsageError],
  feed: (text) => {
    const value = parseTrigger(eventOf(text));
    assertPlain(value);
    assertStable((again) => parseTrigger(JSON.parse(again)), value);
  },
});

/** Gives a member of a document another value. */
function inPlaceOf(document: unknown, member: string): (value: string) => string {
  const [before = '', after = ''] = JSON.stringify(document).split(member);
  return (value) => `${before}${member.slice(0, member.indexOf(':'))}:${value}${after}`;
}

/** What Lambda hands over: it refuses by itself what is not JSON. */
function eventOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What comes by queues and invocations. */
export const messageTargets: readonly Target[] = [job, reply, sqsText, trigger];
