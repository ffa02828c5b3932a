import { loadBackend } from '../lib/backend/load.ts';
import { loadBindingFrom } from '../lib/packed/load-from.ts';
import { unpackLibrary } from '../lib/packed/unpack.ts';
import { builtInPrograms } from '../lib/program/built-in.ts';
import { createWorker } from '../lib/run/worker/context.ts';
import { stopwatch } from '../lib/run/worker/stopwatch.ts';
import { performJob } from '../lib/run/worker/worker.ts';
import { DiskStore } from '../lib/store/disk.ts';
import { parseJob } from '../lib/wire/messages.ts';

/**
 * A worker's process, which bench/cold-start.ts bundles into a native worker's folder: starts, does
 * one job, and prints how long each part took.
 */
const startMs = performance.now();
const [archive = '', parent = '', folder = '', text = ''] = process.argv.slice(2);
const clock = stopwatch();
const library = await unpackLibrary(archive, parent);
const unpackMs = clock();
loadBindingFrom(library.folder);
const backend = await loadBackend('native', 1);
const loadMs = clock();
const readyMs = performance.now();
const store = await DiskStore.open(folder);
const programs = builtInPrograms();
const context = createWorker({ store, backend, programs, maxInlineBytes: Infinity });
clock();
await performJob(context, parseJob(text), 1);
const firstGradientMs = clock();
process.stdout.write(JSON.stringify({ startMs, unpackMs, loadMs, readyMs, firstGradientMs }));
