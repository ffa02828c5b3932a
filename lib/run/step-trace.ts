import type { Success } from '../wire/messages.ts';

/** A job as the coordinator and its worker saw it. */
export interface JobTrace {
  /** The shard or lane. */
  readonly index: number;
  /** Who answered; undefined: it did not say. */
  readonly worker?: string | undefined;
  /** How often the job was sent. */
  readonly attempts: number;
  /**
   * By the coordinator's clock: when the job was first sent, when its answer was received, when the
   * coordinator began to sum it, and when it had.
   */
  readonly sentMs: number;
  readonly answeredMs: number;
  readonly takenMs: number;
  readonly summedMs: number;
  /** The worker's own durations. */
  readonly timing: Success['timing'];
  readonly told?: Success['trace'];
}

/**
 * When what happened in a step, or in a round of local iterations. Times are milliseconds since its
 * start.
 */
export interface StepTrace {
  /** Milliseconds on the coordinator's clock, which only goes forward: for comparing its steps. */
  readonly startMs: number;
  /** The same moment in milliseconds since 1970: for comparing it with workers' clocks. */
  readonly date: number;
  /** The weights were written. */
  readonly publishedMs: number;
  /** All answers that were waited for were summed. */
  readonly collectedMs: number;
  /** The next state was made. */
  readonly appliedMs: number;
  readonly jobs: readonly JobTrace[];
}
