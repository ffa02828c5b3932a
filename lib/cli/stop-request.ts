/**
 * Ctrl-C, and the signal that a service manager sends. The first one asks to stop at a checkpoint.
 * The second one ends this process and its workers at once.
 */
export class StopRequest {
  readonly #onFirst: () => void;
  readonly #controller = new AbortController();

  /** @param onFirst called at the first signal */
  constructor(onFirst: () => void = () => {}) {
    this.#onFirst = onFirst;
    process.on('SIGINT', this.#onSignal);
    process.on('SIGTERM', this.#onSignal);
  }

  get requested(): boolean {
    return this.signal.aborted;
  }

  /** Aborted at the first request. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ask to stop. */
  readonly request = (): void => {
    this.#controller.abort();
  };

  /** Leave signals to their default again. */
  close(): void {
    process.off('SIGINT', this.#onSignal);
    process.off('SIGTERM', this.#onSignal);
  }

  readonly #onSignal = (): void => {
    if (this.requested) process.exit(1);
    this.request();
    this.#onFirst();
  };
}
