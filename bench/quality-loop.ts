/**
 * One run of `bench:quality`: the real coordinator and real worker processes, until a score is reached.
 *
 * Arguments: the store's folder; the score to reach; the number of workers; settings of `train` as JSON.
 * Each checkpoint is scored, and training goes on when that is done. Prints a {@link CurvePoint} per
 * checkpoint, one JSON object a line.
 *
 * The seconds are the sum of what `train` tells as an iteration's milliseconds, which is the time in which
 * steps are performed: checkpoints and scores are not in it. The first step's begins when a worker is
 * ready, so that loading TensorFlow is not in it, but compiling is.
 */
import { advanceLocally } from '../lib/local/train.ts';
import { RunEventBus } from '../lib/run/events.ts';
import { DiskStore } from '../lib/store/disk.ts';
import { createDigitsRun } from './create-run.ts';
import { round } from './processes.ts';
import { openScorer } from './quality-scorer.ts';
import type { CurvePoint } from './quality-summary.ts';

const [folder = '', target, workers, settings = '{}'] = process.argv.slice(2);
const store = await DiskStore.open(folder);
const config = await createDigitsRun(store, JSON.parse(settings));
const score = await openScorer(store, config);
const events = new RunEventBus();
let startedAt = 0;
let readyAt: number | undefined;
let trainedMs = 0;
let reached = false;
events.on('started', () => {
  startedAt = performance.now();
});
events.on('iteration', ({ ms }) => {
  trainedMs += ms;
});
events.on('checkpoint', async ({ iteration, prefix }) => {
  if (reached) return; // the checkpoint with which a run stops
  const waitedMs = Math.max(0, (readyAt ?? 0) - startedAt);
  const point = {
    iteration,
    seconds: round((trainedMs - waitedMs) / 1000),
    score: round(await score(prefix)),
  } satisfies CurvePoint;
  reached = point.score <= Number(target);
  console.log(JSON.stringify(point));
  process.stderr.write(`  iteration ${iteration}: ${point.seconds} s, score ${point.score}\n`);
});
await advanceLocally(store, config.runId, {
  workers: Number(workers),
  events,
  shouldStop: () => reached,
  onWorkers: () => {
    readyAt ??= performance.now();
  },
});
