import type { Queue } from '../../queue/queue.ts';

/** Who does a run's jobs while one coordinator has it. */
export interface Fleet {
  /** Where they take their jobs from. */
  readonly jobs: Queue;
  /** Called often while the coordinator waits for answers. */
  tend(): Promise<void>;
  /** The coordinator lets go of the run. */
  close(): Promise<void>;
}
