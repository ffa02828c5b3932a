import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { readSettings } from '../lib/cli/train-settings.ts';
import { stackOutputsSchema } from '../lib/cloud/outputs.ts';
import { datasetMetaSchema } from '../lib/data/dataset-meta.ts';
import { InvalidDataError, UsageError } from '../lib/errors.ts';
import { formatMetricsLine, parseMetricsLine } from '../lib/observe/metrics-line.ts';
import { placeJobs } from '../lib/observe/timeline/place-jobs.ts';
import { formatTimelineLine, parseTimelineLine } from '../lib/observe/timeline/timeline-line.ts';
import { runConfigSchema } from '../lib/run/record/config.ts';
import { headSchema } from '../lib/run/record/head.ts';
import { parseJsonObject } from '../lib/wire/json-object.ts';
import { runConfig } from '../support/fixtures.ts';
import { jsonBytesNear, jsonExtremes, jsonNear, OBJECT_BYTES } from './json-inputs.ts';
import { assertPlain, assertStable } from './promises.ts';
import { bytesTarget, type Target, textTarget } from './target.ts';

const RUN = '20260131-235959-0a1b';

const HEADS = [
  {
    ...{ format: 1, runId: RUN, revision: 3, status: 'running', iteration: 7, epoch: 2 },
    checkpoint: { iteration: 5, epoch: 1 },
    lease: { owner: 'process 12', durationMs: 6000 },
    cancelRequested: false,
    limits: { minutes: 5, cost: null },
    ...{ trainedMs: 12.5, cost: 0.01, reason: null, error: null },
    billed: { coordinatorMs: 12.5, workersMs: 40, residentsMs: 0 },
    updatedAt: '2026-01-31T23:59:59.000Z',
  },
  {
    ...{ format: 1, runId: RUN, revision: 9, status: 'failed', iteration: 7, epoch: 2 },
    ...{ checkpoint: null, lease: null, cancelRequested: true },
    error: { name: 'Error', message: 'no' },
    updatedAt: '2026-01-31T23:59:59Z',
  },
];

const OWN = runConfig({
  program: { name: 'mine', settings: { hidden: 3 }, sha256: 'ab'.repeat(32) },
  display: { metrics: [{ name: 'loss', title: 'Loss', reduction: 'mean' }], phases: 1 },
});

const METAS = [
  {
    ...{ format: 1, name: 'moons', examples: 3, shape: [28, 28], sha256: 'ab'.repeat(32) },
    source: 'IDX file moons',
  },
  {
    ...{ format: 1, name: 'faces', examples: 3, shape: [32, 32, 3], sha256: 'cd'.repeat(32) },
    ...{ source: 'pictures of the folder faces', mirror: true },
    labels: { sha256: 'ef'.repeat(32), classes: ['cats', 'dogs'] },
  },
];

const OUTPUTS = [
  {
    ...{ LambduelStack: '1', BucketName: 'b', JobQueueUrl: 'https://q', DeadLetterQueueUrl: 'd' },
    ...{ QueuePrefix: 'p-', WorkerBackend: 'native', CoordinatorFunctionName: 'c' },
    ...{ CoordinatorLogGroup: 'lc', WorkerLogGroup: 'lw', WatchdogLogGroup: 'ld' },
  },
];

const LINES = [
  {
    ...{ iteration: 3, epoch: 1, ms: 12.5, gCost: 0.7, dCost: 'NaN', maxPixel: 1 },
    steps: [
      {
        ...{ step: 9, phase: 'D', publishMs: 1, dispatchMs: 2, computeMs: 3, collectMs: 4 },
        ...{ applyMs: 5, missing: 1 },
      },
    ],
  },
  {
    ...{ iteration: 49, epoch: 1, ms: 12.5, gCost: 0.7, frechet: 22.5, kid: -0.01, coverage: 10 },
    ...{ confidence: 0.9, slicedWasserstein: 31, nearestReal: 0.1, classifierAccuracy: 0.97 },
    steps: [],
  },
];

const TIMELINE_LINES = [
  {
    ...{ iteration: 3, epoch: 1, step: 9, phase: 'D', startMs: 1000.5, date: 1_769_903_999_000 },
    ...{ publishedMs: 2, collectedMs: 30.25, appliedMs: 31 },
    jobs: [
      {
        ...{ index: 0, worker: 'process 12', attempts: 1, sentMs: 2 },
        ...{ answeredMs: 28, takenMs: 29, summedMs: 30 },
        timing: { loadMs: 1, compileMs: 3, computeMs: 10.5, encodeMs: 0.5 },
        told: { takenAt: 1_769_903_999_005, startMs: 0.1, storeMs: 2 },
      },
      {
        ...{ index: 1, attempts: 2, sentMs: 2, answeredMs: 20, takenMs: 20, summedMs: 21 },
        timing: { loadMs: 1, computeMs: 10, encodeMs: 1 },
      },
    ],
  },
];

const SETTINGS = [
  {},
  { preset: 'blog', batch: 64, shards: 2, seed: 7, wire: 'f16', workers: 2, backend: 'wasm' },
  { augment: 'color,cutout', batch: 64 },
  {
    preset: 'dcgan',
    features: 8,
    conditional: true,
    emaHalfLife: 500,
    scoreEvery: 5,
    scoreCount: 20,
  },
  { iterations: 5, dataset: 'moons', learningRate: 0.001, maxMinutes: 1.5, quorum: 1, threads: 1 },
];

/** An object of the store that holds JSON of a form. */
function objectTarget<T extends object>(
  name: string,
  schema: z.ZodType<T>,
  valid: readonly object[],
): Target {
  const parse = (text: string) => parseJsonObject(schema, Buffer.from(text), 'the object');
  return bytesTarget({
    name,
    inputs: jsonBytesNear(valid),
    extremes: bytesOf(jsonExtremes(replacing(valid[0] as object), OBJECT_BYTES)),
    refuses: [InvalidDataError],
    feed: (bytes) => {
      const value = parseJsonObject(schema, bytes, 'the object');
      assertPlain(value);
      assertStable(parse, value);
    },
  });
}

/** Lines of an object of JSON lines. */
function linesTarget(name: string, valid: readonly object[], feed: (text: string) => void): Target {
  return textTarget({
    name,
    inputs: jsonNear(valid),
    extremes: jsonExtremes(replacing(valid[0] as object), OBJECT_BYTES),
    refuses: [SyntaxError, z.ZodError],
    feed,
  });
}

const metricsLine = linesTarget('metrics-line', LINES, (text) => {
  const report = parseMetricsLine(text);
  assertPlain(report);
  const values = [report.ms, ...Object.values(report.metrics)];
  assert(values.every((value) => typeof value === 'number'));
  assert.deepEqual(Object.keys(parseMetricsLine(formatMetricsLine(report))), Object.keys(report));
});

const timelineLine = linesTarget('timeline-line', TIMELINE_LINES, (text) => {
  const step = parseTimelineLine(text);
  assertPlain(step);
  const placed = placeJobs([step]);
  assert(placed.every(({ parts }) => parts.every((ms) => ms >= 0 && Number.isFinite(ms))));
  assert.equal(parseTimelineLine(formatTimelineLine(step)).jobs.length, step.jobs.length);
});

const stackOutputs = textTarget({
  name: 'stack-outputs',
  inputs: jsonNear(OUTPUTS),
  extremes: jsonExtremes(replacing(OUTPUTS[0] as object), OBJECT_BYTES),
  refuses: [SyntaxError, z.ZodError],
  feed: (text) => {
    const value = stackOutputsSchema.parse(JSON.parse(text));
    assertPlain(value);
    assert(Object.values(value).every((each) => typeof each === 'string' && each !== ''));
  },
});

const configFile = bytesTarget({
  name: 'config-file',
  inputs: jsonBytesNear(SETTINGS),
  extremes: bytesOf(jsonExtremes((value) => `{"batch":${value}}`)),
  refuses: [UsageError],
  feed: async (bytes) => {
    const path = join(tmpdir(), `lambduel-config-${process.pid}.json`);
    writeFileSync(path, bytes);
    try {
      assertPlain(await readSettings({}, path));
    } finally {
      rmSync(path);
    }
  },
});

/** Puts a value in the place of a document's second member. */
function replacing(document: object): (value: string) => string {
  const [, second = ''] = Object.keys(document);
  const text = JSON.stringify({ ...document, [second]: '@@' });
  return (value) => text.replace('"@@"', () => value);
}

function bytesOf(texts: Readonly<Record<string, () => string>>) {
  return Object.fromEntries(
    Object.entries(texts).map(([name, make]) => [name, () => Buffer.from(make())]),
  );
}

/** JSON that is read from a store, a file or AWS. */
export const objectTargets: readonly Target[] = [
  objectTarget('run-config', runConfigSchema, [
    runConfig(),
    runConfig({ quorum: 2 }),
    runConfig({ augment: ['translation'] }),
    runConfig({ initial: { source: 'a file', networks: { G: '0a'.repeat(32) } } }),
    runConfig({ emaHalfLife: 500, scoreEvery: 5, scoreCount: 20 }),
    OWN,
  ]),
  objectTarget('head', headSchema, HEADS),
  objectTarget('dataset-meta', datasetMetaSchema, METAS),
  metricsLine,
  timelineLine,
  stackOutputs,
  configFile,
];
