/**
 * Memory over 2,000 iterations: resident megabytes of the coordinator and of a worker, and the
 * worker's tensors, at 100, 1,000 and 2,000 iterations: `npm run bench:memory`.
 */
import { print, round, runLoop } from './processes.ts';

const ITERATIONS = 2000;
const SHOWN = [100, 1000, ITERATIONS];
const BATCH = 32;
const MEGABYTE = 2 ** 20;

interface Line {
  readonly coordinatorRss: number;
  readonly worker: { readonly tensors: number; readonly rssBytes: number };
}

const lines = await runLoop('./lambduel-loop.ts', [ITERATIONS, BATCH, 2, 2]);
for (const iteration of SHOWN) {
  const { coordinatorRss, worker } = JSON.parse(lines[iteration - 1] ?? '') as Line;
  print({
    bench: 'memory',
    iteration,
    coordinatorMb: round(coordinatorRss / MEGABYTE),
    workerMb: round(worker.rssBytes / MEGABYTE),
    workerTensors: worker.tensors,
  });
}
