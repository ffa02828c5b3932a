import type { Backend } from '../../backend/backend.ts';
import type { DatasetCache } from '../../data/dataset.ts';
import type { ProgramRegistry } from '../../program/registry.ts';
import type { Store } from '../../store/store.ts';
import type { Success } from '../../wire/messages.ts';
import type { WeightsCache } from './weights-cache.ts';

/** What a worker keeps warm from job to job. */
export interface WorkerContext {
  readonly store: Store;
  readonly backend: Backend;
  readonly programs: ProgramRegistry;
  readonly weights: WeightsCache;
  readonly datasets: DatasetCache;
  /** A reply's bytes travel in its message up to this many, otherwise as an object. */
  readonly maxInlineBytes: number;
}

/** What a job came to: what its answer tells, and the bytes that it carries. */
export type JobResult = Pick<Success, 'statistics' | 'timing'> & { readonly bytes: Uint8Array };
