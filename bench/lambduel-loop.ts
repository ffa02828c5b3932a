/**
 * Lambduel's own loop: the real coordinator and real worker processes.
 *
 * The argument is JSON: `workers`, and settings of `train` in camel case; `backend` where it is not
 * the native one. Prints each iteration's milliseconds, everything between iterations included, one
 * JSON object a line, with the milliseconds of its steps by part and the memory of coordinator and
 * workers. Iterations that come together, as those of local iterations do, share their time.
 */
import { advanceLocally } from '../lib/local/train.ts';
import { type IterationReport, RunEventBus } from '../lib/run/events.ts';
import { createDigitsRun } from './create-run.ts';
import { openTemporaryStore } from './temporary-store.ts';

const { workers, backend, ...settings } = JSON.parse(process.argv[2] ?? '{}');
const { store, remove } = await openTemporaryStore();
const config = await createDigitsRun(store, settings, backend);
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
