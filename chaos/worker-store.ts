import type { Store, StoredObject } from '../lib/store/store.ts';
import { damaged } from './damage.ts';
import { FaultyStore, purposeOf } from './faulty-store.ts';

/** A worker's store, which fails as the plan says. */
export class WorkerStore extends FaultyStore {
  override async get(...args: Parameters<Store['get']>): Promise<StoredObject> {
    const [key] = args;
    if (key.includes('/classifier-')) return this.#interrupt(await this.store.get(...args));
    // A lane's state is as good as weights.
    if (!/^(weights|lanes)$/.test(purposeOf(key))) return this.store.get(...args);
    this.#noteIteration(key);
    this.refuse('worker');
    await this.slowDown('weights');
    return this.corrupt('weights', await this.store.get(...args));
  }

  override async create(...args: Parameters<Store['create']>): Promise<string> {
    this.refuse('worker');
    this.tear('gradient', args[1]);
    const etag = await this.store.create(...args);
    this.deny('gradient');
    return etag;
  }

  /** What happens in the middle of a score. */
  #interrupt(classifier: StoredObject): StoredObject {
    if (this.faults.take('score-worker-killed')) process.kill(process.pid, 'SIGKILL');
    const frozen = this.faults.take('score-worker-frozen');
    if (frozen) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, frozen.ms);
    const isDamaged = this.faults.take('score-damaged', 'classifier') !== undefined;
    return isDamaged ? { ...classifier, bytes: damaged(classifier.bytes) } : classifier;
  }

  /** A worker knows how far the run is by D's version: an iteration updates it once. */
  #noteIteration(key: string): void {
    const version = /\/weights\/D\/(\d+)-/.exec(key)?.[1];
    this.faults.iteration = Math.max(this.faults.iteration, Number(version ?? 0));
  }
}
