import { runWorker } from '../lib/local/run-worker.ts';
import { FaultSource } from './fault-source.ts';
import { WorkerStore } from './worker-store.ts';

const faults = new FaultSource(process.env.LAMBDUEL_CHAOS as string);

/** A worker of the local mode, but for what the plan does to its store. */
void runWorker((store) => new WorkerStore(store, faults));
