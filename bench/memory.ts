/**
 * Memory over 2,000 iterations: resident megabytes of the coordinator and of a worker, and the
 * worker's tensors, at 100, 1,000 and 2,000 iterations; and with 512 shards, of which 64 are out at
 * once: `npm run bench:memory`.
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

await measure(2, BATCH, ITERATIONS, SHOWN);
await measure(512, 512, 3, [1, 2, 3]);

async function measure(shards: number, batch: number, iterations: number, shown: number[]) {
  const settings = { iterations, batch, workers: 2, shards };
  const lines = await runLoop('./lambduel-loop.ts', [JSON.stringify(settings)]);
  for (const iteration of shown) show(shards, iteration, JSON.parse(lines[iteration - 1] ?? ''));
}

function show(shards: number, iteration: number, { coordinatorRss, worker }: Line): void {
  print({
    bench: 'memory',
    shards,
    iteration,
    coordinatorMb: round(coordinatorRss / MEGABYTE),
    workerMb: round(worker.rssBytes / MEGABYTE),
    workerTensors: worker.tensors,
  });
}
