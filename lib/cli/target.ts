import type { Queue } from '../queue/queue.ts';
import type { Store } from '../store/store.ts';
import type { CliContext } from './context.ts';
import type { LogSource } from './log-source.ts';
import type { CliSettings, StartSettings } from './train-settings.ts';

/** How a command starts or continues a run. */
export interface SessionRequest {
  readonly runId: string;
  /** One JSON object per iteration on standard output, and no progress. */
  readonly json: boolean;
  /** Do not wait for the run's end. */
  readonly detach: boolean;
}

/** The queues of a stack's jobs. */
export interface DeadLetterBox {
  readonly dead: Queue;
  readonly jobs: Queue;
}

/** A place where runs are stored and trained: this machine, or a stack on AWS. */
export interface Target {
  readonly store: Store;
  /** What it is called, for people. */
  readonly name: string;
  /** What selects this target in a command, such as '', ' --store runs' or ' --target aws'. */
  readonly options: string;
  /** What a status means here and what to do about it, as the second half of a sentence. */
  readonly explanations: Readonly<Record<string, string>>;
  /** Whether its runs may have programs of their own. */
  readonly ownPrograms: boolean;
  /** Where the functions' logs are; undefined if there are no functions. */
  readonly logs: LogSource | undefined;
  /** Jobs that the queue gave up on; undefined where the queue ends with the command. */
  readonly deadLetters: DeadLetterBox | undefined;
  /** Where an object is, for people. */
  locate(key: string): string;
  /** The file to write a page to as well, because a browser does not open the store's object. */
  pageFile(name: string): string | undefined;
  /** Start a new run and, unless detached, follow it to its end. */
  train(context: CliContext, settings: StartSettings, request: SessionRequest): Promise<void>;
  /** Continue a run from its last checkpoint and, unless detached, follow it to its end. */
  resume(context: CliContext, settings: CliSettings, request: SessionRequest): Promise<void>;
}

/** A target before it is opened. */
export interface TargetChoice {
  /** @throws UsageError when settings or `--detach` are for the other kind of target */
  check(settings: Partial<CliSettings>, detach: boolean): void;
  open(): Promise<Target>;
}
