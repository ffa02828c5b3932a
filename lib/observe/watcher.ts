import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEventBus } from '../run/events.ts';
import { runKeys } from '../run/record/keys.ts';
import { type RunSummary, summarize } from '../run/record/runs.ts';
import { type Store, StoreUnavailableError } from '../store/store.ts';
import { MetricsFollower } from './metrics-follower.ts';

/** How soon to look again: soon after something has happened, then less often. */
const SOON_MS = 400;
const SELDOM_MS = 2000;
const SLOWER = 1.5;
/** This many looks in a row may fail, for example while a laptop changes its network. */
const MAX_FAILURES = 5;
/** The head of a failed run says so before its last metrics are stored. */
const LAST_METRICS_MS = 1000;

/** How a run is watched. */
export interface WatchOptions {
  /** Gets `started`, `iteration`, `checkpoint` and `ended`, as if the run were advanced here. */
  readonly events: RunEventBus;
  /** The first iteration to report. Default: the last one that has been played. */
  readonly from?: number | undefined;
  /** The head at this revision says how an earlier attempt ended. */
  readonly endedBefore?: number | undefined;
  /** Aborted: nobody watches any more. */
  readonly signal: AbortSignal;
  /** Called when the run's status has changed since the last look. */
  readonly onStatus?: (status: RunSummary['status']) => void;
  /** Called when the store cannot be read, once until it can be read again. */
  readonly onTrouble?: (error: StoreUnavailableError) => void;
  /** Waits this many milliseconds, or until the signal. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Follow a run that another process advances, by the objects that it writes to the store.
 *
 * @returns the run's final status; undefined when the signal came first
 * @throws RunNotFoundError; StoreUnavailableError when the store cannot be read for longer
 */
export async function watchRun(
  store: Store,
  runId: string,
  options: WatchOptions,
): Promise<RunSummary | undefined> {
  const { signal, pause = pauseUnlessAborted } = options;
  const watcher = new Watcher(store, runId, { ...options, pause });
  let [delay, failures] = [SOON_MS, 0];
  while (!signal.aborted) {
    try {
      const { ended, news } = await watcher.look();
      failures = 0;
      if (ended) return ended;
      delay = news ? SOON_MS : Math.min(delay * SLOWER, SELDOM_MS);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || ++failures > MAX_FAILURES) throw error;
      if (failures === 1) options.onTrouble?.(error);
      delay = SELDOM_MS;
    }
    await pause(delay, signal);
  }
  return undefined;
}

async function pauseUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

type PausingOptions = WatchOptions & Required<Pick<WatchOptions, 'pause'>>;

class Watcher {
  readonly #store: Store;
  readonly #runId: string;
  readonly #options: PausingOptions;
  readonly #follower: MetricsFollower;
  #started = false;
  #status: RunSummary['status'] | undefined;
  #checkpoint: number | undefined;

  constructor(store: Store, runId: string, options: PausingOptions) {
    this.#store = store;
    this.#runId = runId;
    this.#options = options;
    this.#follower = new MetricsFollower(store, runId, options.from);
  }

  async look(): Promise<{ ended?: RunSummary; news: boolean }> {
    const { events, endedBefore = -1, onStatus, signal, pause } = this.#options;
    const summary = await summarize(this.#store, this.#runId);
    const { head, status } = summary;
    let news = await this.#report(summary);
    if (head.status !== 'running' && head.revision > endedBefore) {
      if (head.status === 'failed') {
        await pause(LAST_METRICS_MS, signal);
        await this.#report(summary);
      }
      await events.emit('ended', { status: head.status, iteration: head.iteration });
      return { ended: summary, news };
    }
    if (status !== this.#status) {
      this.#status = status;
      onStatus?.(status);
      news = true;
    }
    return { news };
  }

  /** @returns whether there was anything new */
  async #report({ config, head }: RunSummary): Promise<boolean> {
    const { events, from } = this.#options;
    const reports = await this.#follower.read(head.epoch);
    if (!this.#started && (head.epoch > 0 || head.status !== 'running')) {
      this.#started = true;
      const iteration = reports[0]?.iteration ?? from ?? head.iteration;
      await events.emit('started', { config, iteration, epoch: head.epoch });
    }
    for (const report of reports) await events.emit('iteration', report);
    const { checkpoint } = head;
    if (checkpoint && checkpoint.iteration !== this.#checkpoint) {
      const { iteration, epoch } = checkpoint;
      this.#checkpoint = iteration;
      const prefix = runKeys.checkpoint(this.#runId, iteration, epoch);
      await events.emit('checkpoint', { iteration, prefix });
      return true;
    }
    return reports.length > 0;
  }
}
