/**
 * Lambduel's own loop: the real coordinator and real worker processes.
 *
 * The argument is JSON: `workers`, and settings of `train` in camel case; `backend` where it is not
 * the native one. Prints each iteration's milliseconds, everything between iterations included, one
 * JSON object a line, with the milliseconds of its steps by part and the memory of coordinator and
 * workers. Iterations that come together, as those of local iterations do, share their time.
 */
import { ensureDigits } from '../lib/data/digits.ts';
import { advanceLocally } from '../lib/local/train.ts';
import { systemClock } from '../lib/run/clock.ts';
import { type IterationReport, RunEventBus } from '../lib/run/events.ts';
import { newRunId } from '../lib/run/record/config.ts';
import { createRun } from '../lib/run/record/runs.ts';
import { resolveConfig, trainSettingsSchema } from '../lib/run/record/settings.ts';
import { openTemporaryStore } from './temporary-store.ts';

const { workers, backend = 'native', ...settings } = JSON.parse(process.argv[2] ?? '{}');
const { store, remove } = await openTemporaryStore();
const { sha256, examples } = await ensureDigits(store);
const config = resolveConfig(
  trainSettingsSchema.parse({ sampleEvery: 0, checkpointEvery: 0, ...settings }),
  {
    runId: newRunId(new Date()),
    createdAt: new Date(),
    dataset: { name: 'digits', sha256, examples },
    backend,
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
const together = config.localIterations || 1;
let reports: IterationReport[] = [];
events.on('iteration', (report) => {
  reports.push(report);
  const { iteration } = report;
  if ((iteration + 1) % together > 0 && iteration + 1 < config.iterations) return;
  const ms = (performance.now() - last) / reports.length;
  const coordinatorRss = process.memoryUsage.rss();
  for (const { iteration, steps } of reports) {
    console.log(JSON.stringify({ iteration, ms, steps, coordinatorRss, worker: memory }));
  }
  reports = [];
  last = performance.now();
});
try {
  const options = { workers, events, shouldStop: () => false };
  await advanceLocally(store, config.runId, options);
} finally {
  await remove();
}
