import type { ProgramRegistry } from '../../program/registry.ts';
import type { Queue, QueueService } from '../../queue/queue.ts';
import type { Store } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import type { RunEventBus } from '../events.ts';
import type { BackendName } from '../record/config.ts';
import type { AggregationEntry } from './aggregations.ts';

/** What a coordinator works with. */
export interface CoordinatorContext {
  readonly store: Store;
  readonly queues: QueueService;
  readonly jobs: Queue;
  readonly programs: ProgramRegistry;
  /** Default: those that there are. */
  readonly aggregations?: readonly AggregationEntry[];
  readonly clock: Clock;
  readonly events: RunEventBus;
  /** Names this coordinator; no two are ever named the same. */
  readonly owner: string;
  readonly leaseMs: number;
  /** See `LeaseOptions.onWait`. */
  readonly onWait?: (owner: string, ms: number) => void;
  /** Throws when the workers cannot work any more; asked often while waiting for them. */
  readonly assertHealthy: () => void;
  /** Asked after each iteration: true to stop at a checkpoint, and let the run be resumed. */
  readonly shouldStop: () => boolean;
  /** What the workers compute with, where all of them do alike: a run of another backend is refused. */
  readonly backend?: BackendName;
  /** For a coordinator whose own time is limited. */
  readonly handOver?: HandOver;
  /** US dollars that this coordinator and its workers have cost so far, where they cost any. */
  readonly cost?: () => number;
  /** Objects of no more use that are removed together. Default: each as soon as there is time. */
  readonly removedAtOnce?: number;
}

/** How a coordinator leaves a run to the next one, at a checkpoint. */
export interface HandOver {
  /** Asked after each iteration: whether it is time. */
  isDue(): boolean;
  /** Start the next coordinator. Called before the lease is given up, for which that one waits. */
  start(): Promise<void>;
}
