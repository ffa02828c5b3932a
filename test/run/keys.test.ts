import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newRunId } from '../../lib/run/record/config.ts';
import {
  checkpointKeys,
  epochInKey,
  iterationsOfSamples,
  keyPatterns,
  momentsFile,
  parseCheckpointFolder,
  parseMetricsKey,
  parseRepliesQueue,
  parseTimelineKey,
  repliesQueue,
  runKeys,
  runOfHead,
  weightsOfCheckpoint,
} from '../../lib/run/record/keys.ts';
import { gradientJob, sampleJob } from '../../support/messages.ts';

it('names an answer by step, shard, epoch and attempt', () => {
  const job = gradientJob({ step: 2, shard: 1, epoch: 3 });
  const expected = `runs/${job.runId}/gradients/2/1-e3-1.2.safetensors`;
  expect(runKeys.answer(job, '1.2')).toBe(expected);
});

it("keeps a sample grid's answer apart from that of a step of the same number", () => {
  const keys = [gradientJob({ step: 2, shard: 0 }), sampleJob({ iteration: 2 })];
  expect(new Set(keys.map((job) => runKeys.answer(job, '1.1'))).size).toBe(2);
});

const count = fc.nat();
const runIds = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  .map(newRunId);

describe('what a key or a name was made of is read back from it:', () => {
  it.each<[string, (run: string, a: number, b: number) => [unknown, unknown]]>([
    ['a head', (run) => [runOfHead(runKeys.head(run)), run]],
    ['weights', (run, a, b) => [epochInKey(runKeys.weights(run, 'D', a, b)), b]],
    [
      "a checkpoint's folder",
      (run, iteration, epoch) => {
        const folder = runKeys.checkpoint(run, iteration, epoch).split('/')[3] ?? '';
        return [parseCheckpointFolder(folder), { iteration, epoch }];
      },
    ],
    [
      'metrics',
      (run, first, epoch) => [
        parseMetricsKey(runKeys.metrics(run, first, epoch)),
        { first, epoch },
      ],
    ],
    [
      'a timeline',
      (run, first, epoch) => [
        parseTimelineKey(runKeys.timeline(run, first, epoch)),
        { first, epoch },
      ],
    ],
    ['a sample grid', (run, a) => [iterationsOfSamples([{ key: runKeys.samples(run, a) }]), [a]]],
    [
      'a queue of replies',
      (runId, epoch) => [parseRepliesQueue(repliesQueue(runId, epoch)), { runId, epoch }],
    ],
  ])('%s', (_what, readBack) => {
    fc.assert(
      fc.property(runIds, count, count, (run, a, b) => {
        const [read, made] = readBack(run, a, b);
        expect(read).toEqual(made);
      }),
    );
  });

  it('nothing from the keys of other objects', () => {
    const run = '20260131-235959-0a1b';
    const stray = `${runKeys.allMetrics(run)}gradients/0-e1.jsonl`;
    expect([runOfHead(runKeys.config(run)), runOfHead('runs/head.json')]).toEqual([
      undefined,
      undefined,
    ]);
    expect([stray, runKeys.head(run)].map(parseMetricsKey)).toEqual([undefined, undefined]);
    expect(parseTimelineKey(runKeys.metrics(run, 0, 1))).toBeUndefined();
    expect(parseMetricsKey(runKeys.timeline(run, 0, 1))).toBeUndefined();
    expect(iterationsOfSamples([{ key: runKeys.singleSample(run) }])).toEqual([]);
    expect(parseRepliesQueue('replies-of-someone-else')).toBeUndefined();
  });

  it('sample grids come in the order of their iterations', () => {
    const objects = [100, 20, 3].map((i) => ({ key: runKeys.samples('r', i) }));
    expect(iterationsOfSamples(objects)).toEqual([3, 20, 100]);
  });

  it("the weights of a checkpoint, without Adam's moments and those of others", () => {
    const [folder, other] = [runKeys.checkpoint('r', 5, 1), runKeys.checkpoint('r', 5, 2)];
    const weights = checkpointKeys.file(folder, 'D');
    const keys = [
      weights,
      checkpointKeys.file(folder, momentsFile('D')),
      checkpointKeys.meta(folder),
      checkpointKeys.file(other, 'D'),
    ];
    expect(weightsOfCheckpoint(folder, keys)).toEqual([weights]);
  });
});

it('a pattern of a policy covers the keys of its kind, and none deeper below a run', () => {
  const covers = (pattern: string, key: string) =>
    new RegExp(`^${pattern.replaceAll('?', '.').replaceAll('*', '.*')}$`).test(key);
  fc.assert(
    fc.property(runIds, count, count, (run, a, b) => {
      const { weights, gradients, lanes } = keyPatterns;
      const answer = runKeys.answer(gradientJob({ runId: run, step: a, epoch: b + 1 }), '1.1');
      expect(covers(weights, runKeys.weights(run, 'D', a, b))).toBe(true);
      expect(covers(gradients, answer)).toBe(true);
      expect(covers(lanes, runKeys.laneState(run, a, b, b + 1))).toBe(true);
      expect(covers(lanes, `${runKeys.allCheckpoints(run)}lanes/${a}`)).toBe(false);
      expect(covers(gradients, `${runKeys.allMetrics(run)}gradients/${a}`)).toBe(false);
      expect(covers(weights, `${runKeys.allCheckpoints(run)}weights/${a}`)).toBe(false);
    }),
  );
});
