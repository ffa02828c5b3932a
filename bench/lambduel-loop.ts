/**
 * Lambduel's own loop: the real coordinator and real worker processes.
 *
 * Arguments: iterations, batch, workers, shards, wire, backend. Prints each iteration's milliseconds
 * from event to event, everything between iterations included, one JSON object a line, with the
 * milliseconds of its steps by part and the memory of coordinator and workers.
 */
import { ensureDigits } from '../lib/data/digits.ts';
import { advanceLocally } from '../lib/local/train.ts';
import { systemClock } from '../lib/run/clock.ts';
import { RunEventBus } from '../lib/run/events.ts';
import { newRunId } from '../lib/run/record/config.ts';
import { createRun } from '../lib/run/record/runs.ts';
import { resolveConfig, trainSettingsSchema } from '../lib/run/record/settings.ts';
import { openTemporaryStore } from './temporary-store.ts';

const [
  iterations = '30',
  batch = '128',
  workers = '1',
  shards = '1',
  wire = 'f32',
  name = 'native',
] = process.argv.slice(2);
const { store, remove } = await openTemporaryStore();
const { sha256, examples } = await ensureDigits(store);
const config = resolveConfig(
  trainSettingsSchema.parse({
    iterations: Number(iterations),
    batch: Number(batch),
    shards: Number(shards),
    wire,
    sampleEvery: 0,
    checkpointEvery: 0,
  }),
  {
    runId: newRunId(new Date()),
    createdAt: new Date(),
    dataset: { name: 'digits', sha256, examples },
    backend: name as 'native' | 'wasm',
    defaultWire: 'f32',
  },
);
await createRun(store, config, systemClock);
const events = new RunEventBus();
let last = performance.now();
let memory: { tensors: number; rssBytes: number } | undefined;
events.on('answered', (answer) => {
  memory = answer.memory;
});
events.on('iteration', ({ iteration, steps }) => {
  const now = performance.now();
  const coordinatorRss = process.memoryUsage.rss();
  console.log(JSON.stringify({ iteration, ms: now - last, steps, coordinatorRss, worker: memory }));
  last = performance.now();
});
try {
  const options = { workers: Number(workers), events, shouldStop: () => false };
  await advanceLocally(store, config.runId, options);
} finally {
  await remove();
}
