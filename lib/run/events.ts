import type { ExampleShape } from '../program/example-shape.ts';
import type { Success } from '../wire/messages.ts';
import type { RunConfig } from './record/config.ts';
import type { RunStatus } from './record/head.ts';
import type { StepTrace } from './step-trace.ts';

/**
 * The parts of a step, in their order:
 *
 * - `publish`: writing the weights that the step before changed;
 * - `dispatch`: sending the jobs;
 * - `compute`: the slowest worker's loading, compiling and computing;
 * - `collect`: from the last job sent to the last gradient in, less the decoding and summing meanwhile;
 * - `apply`: decoding, summing and Adam.
 *
 * They overlap: workers compute while the coordinator collects.
 */
export const STEP_PARTS = ['publish', 'dispatch', 'compute', 'collect', 'apply'] as const;

/** All that is timed: `compile` is what compiling took of `compute`, 0 for most steps. */
export const TIMED_PARTS = [...STEP_PARTS, 'compile'] as const;

/** See {@link TIMED_PARTS}. */
export type StepPart = (typeof TIMED_PARTS)[number];

/** Milliseconds of a step by part, such as `publishMs`. */
export type StepTiming = ByPart<number>;

/** A value for each part, such as `publishMs`. */
type ByPart<T> = Readonly<Record<`${StepPart}Ms`, T>>;

/** A value for each part, all made alike. */
export function timingOf<T>(makeValue: (part: StepPart) => T): ByPart<T> {
  const parts = TIMED_PARTS.map((part) => [`${part}Ms`, makeValue(part)]);
  return Object.fromEntries(parts) as ByPart<T>;
}

/** A step as it was applied; with local iterations, a round of them. */
export interface StepReport {
  /** The first one, where it is a round. */
  readonly step: number;
  /** The phase's name, such as `D`; `local` for a round of local iterations. */
  readonly phase: string;
  readonly timing: StepTiming;
  /** How many shards a quorum left out. Default: none. */
  readonly missing?: number;
  /** When what happened, of some iterations. */
  readonly trace?: StepTrace;
}

/** A complete iteration's metrics. */
export interface IterationReport {
  /** From 0. */
  readonly iteration: number;
  readonly epoch: number;
  /** By name, such as `gCost`: the value of the iteration's last phase that reports it. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Wall time of the iteration's steps; with local iterations, its share of the round's. */
  readonly ms: number;
  /** With local iterations, the round is reported with its first iteration only. */
  readonly steps: readonly StepReport[];
}

/** What happens in a run, for those who watch it. */
export interface RunEvents {
  /** The lease is taken, and training begins or continues at this iteration. */
  started: { readonly config: RunConfig; readonly iteration: number; readonly epoch: number };
  iteration: IterationReport;
  /** Images of the generator, one after the other: values 0 to 255. */
  sample: {
    /** Iterations complete. */
    readonly iteration: number;
    readonly pixels: Uint8Array;
    readonly examples: number;
    readonly shape: ExampleShape;
  };
  /**
   * A checkpoint is about to be written: listeners store what belongs to earlier iterations now.
   */
  beforeCheckpoint: { readonly iteration: number };
  checkpoint: { readonly iteration: number; readonly prefix: string };
  /** A job's answer was accepted. It may say how much memory its worker has. */
  answered: Pick<Success, 'round' | 'index' | 'memory' | 'timing' | 'data' | 'lane' | 'worker'>;
  /** Resident workers were asked for, `started` more of them, for a run that wants `size`. */
  residents: { readonly size: number; readonly started: number };
  /** A resident worker counts as lost, and another was asked for. */
  replaced: { readonly worker: string; readonly reason: string };
  /** A job was sent again, because it was late or had failed. */
  resent: {
    readonly round: string;
    readonly index: number;
    readonly attempt: number;
    readonly reason: string;
    /** Whether there was no answer in time. */
    readonly late?: boolean;
  };
  /** A second copy of a job was sent, because the first is slower than most. */
  hedged: { readonly round: string; readonly index: number; readonly attempt: number };
  /** A reply was dropped: it is a copy, late or damaged. */
  dropped: { readonly reason: string };
  /** The coordinator lets go of the run. */
  ended: { readonly status: RunStatus; readonly iteration: number };
}

type Listener<E> = (event: E) => void | Promise<void>;

/** A run's events, delivered in order; the run waits for its listeners. */
export class RunEventBus {
  readonly #listeners: { [K in keyof RunEvents]?: Listener<RunEvents[K]>[] } = {};

  on<K extends keyof RunEvents>(kind: K, listener: Listener<RunEvents[K]>): this {
    const listeners: Listener<RunEvents[K]>[] = this.#listeners[kind] ?? [];
    listeners.push(listener);
    Object.assign(this.#listeners, { [kind]: listeners });
    return this;
  }

  async emit<K extends keyof RunEvents>(kind: K, event: RunEvents[K]): Promise<void> {
    for (const listener of this.#listeners[kind] ?? []) await listener(event);
  }
}
