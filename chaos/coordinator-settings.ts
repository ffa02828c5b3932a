/** What a coordinator process of the harness is told: its only argument, as JSON. */
export interface CoordinatorSettings {
  readonly store: string;
  readonly runId: string;
  /** The plan's folder. */
  readonly chaos: string;
  /** The workers' script. */
  readonly worker: string;
  readonly workers: number;
  /** Of its clock, beside time. */
  readonly speed: number;
  /** How wrong its clock is. */
  readonly wrongMs: number;
  /** Start workers at once, and not only when it has the lease. */
  readonly eager: boolean;
}

/** What a coordinator process tells the harness. */
export type CoordinatorReport =
  | { readonly tell: 'started'; readonly epoch: number; readonly iteration: number }
  | { readonly tell: 'iteration'; readonly iteration: number }
  | { readonly tell: 'workers'; readonly pids: readonly number[] }
  | { readonly tell: 'resent'; readonly reason: string }
  | { readonly tell: 'dropped'; readonly reason: string }
  | {
      readonly tell: 'closed';
      readonly queues: readonly string[];
      readonly dead: readonly string[];
    }
  | { readonly tell: 'ended'; readonly status: string }
  | { readonly tell: 'failed'; readonly name: string; readonly message: string };

/** What the harness tells a coordinator process: whether to wait with the next iteration. */
export interface Hold {
  readonly hold: boolean;
}
