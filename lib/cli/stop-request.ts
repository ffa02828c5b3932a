/**
 * Ctrl-C, and the signal that a service manager sends: the first asks to stop in good order, the
 * second ends this process at once, and its workers with it.
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
