import type { ProgramSource } from '../../program/program-source.ts';
import type { Queue, QueueService } from '../../queue/queue.ts';
import type { Store } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import type { RunEventBus } from '../events.ts';
import type { BackendName } from '../record/config.ts';
import type { BilledTime } from '../record/head.ts';
import type { AggregationEntry } from './aggregations.ts';
import type { ResidentStarter } from './resident-fleet.ts';

/** What a coordinator works with. */
export interface CoordinatorContext {
  readonly store: Store;
  readonly queues: QueueService;
  readonly jobs: Queue;
  readonly programs: ProgramSource;
  /** Default: those that there are. */
  readonly aggregations?: readonly AggregationEntry[];
  readonly clock: Clock;
  readonly events: RunEventBus;
  /** The name of this coordinator. No two coordinators have the same one. */
  readonly owner: string;
  readonly leaseMs: number;
  /** See `LeaseOptions.onWait`. */
  readonly onWait?: (owner: string, ms: number) => void;
  /** Throws when the workers cannot work any more. Called often while waiting for them. */
  readonly assertHealthy: () => void;
  /** Called after each iteration. True: stop at a checkpoint, from which the run can be resumed. */
  readonly shouldStop: () => boolean;
  /** The backend of all workers, where they have the same. A run of another backend is refused. */
  readonly backend?: BackendName;
  /** For a coordinator whose own time is limited. */
  readonly handOver?: HandOver;
  /**
   * Starts workers for runs that want resident ones. Default: all runs have the workers of `jobs`.
   */
  readonly residents?: ResidentStarter;
  /**
   * US dollars that this coordinator and its workers have cost so far. Default: they cost nothing.
   */
  readonly cost?: () => number;
  /** How long this coordinator and its workers ran so far, where that is billed. */
  readonly billed?: () => BilledTime;
  /**
   * Whether numbers of one or two bytes are compressed on their way to workers and back: worth it
   * over a network. Default: they are not.
   */
  readonly compress?: boolean;
  /** How many unneeded objects are removed by one request. Default: 1. */
  readonly removedAtOnce?: number;
}

/** How a coordinator leaves a run to the next one, at a checkpoint. */
export interface HandOver {
  /** Called after each iteration: whether it is time to hand over. */
  isDue(): boolean;
  /** Start the next coordinator, which waits for the lease. Called before the lease is given up. */
  start(): Promise<void>;
}
