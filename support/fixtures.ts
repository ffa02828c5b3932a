import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../lib/run/clock.ts';
import { type RunConfig, runConfigSchema } from '../lib/run/record/config.ts';
import type { Store } from '../lib/store/store.ts';

const BEGINNING = Date.UTC(2026, 0, 31, 23, 59, 59);

/** A clock that stands still but when someone sleeps: then it jumps. */
export class FakeClock implements Clock {
  /** Done at each sleep, after the time has passed. */
  whileAsleep: () => Promise<void> = async () => {};
  sleeps = 0;
  #now = 1000;

  now(): number {
    return this.#now;
  }

  date(): Date {
    return new Date(BEGINNING + this.#now);
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  async sleep(ms: number): Promise<void> {
    this.sleeps++;
    this.advance(ms);
    await turn();
    await this.whileAsleep();
  }
}

/** A run's config with every value set, some of them changed. */
export function runConfig(change: Partial<RunConfig> = {}): RunConfig {
  return runConfigSchema.parse({
    format: 1,
    runId: '20260131-235959-0a1b',
    createdAt: new Date(BEGINNING).toISOString(),
    preset: 'digits',
    program: { name: 'mlp-gan', settings: { outputScale: 1 } },
    iterations: 10,
    batch: 128,
    shards: 2,
    seed: 0,
    learningRate: 1e-3,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    dataset: { name: 'digits', sha256: 'ab'.repeat(32), examples: 1000 },
    backend: 'wasm',
    threads: 1,
    wire: 'f32',
    gradients: 'eager',
    checkpointEvery: 5,
    sampleEvery: 5,
    sampleCount: 64,
    ...change,
  });
}

/** A store whose operations can be replaced by others. */
export function storeWith(store: Store, change: Partial<Store>): Store {
  return {
    get: (...args) => store.get(...args),
    create: (...args) => store.create(...args),
    replace: (...args) => store.replace(...args),
    put: (...args) => store.put(...args),
    list: (...args) => store.list(...args),
    remove: (...args) => store.remove(...args),
    ...change,
  };
}
