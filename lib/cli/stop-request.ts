/**
 * Ctrl-C, and the signal that a service manager sends: the first asks the run to stop at a
 * checkpoint, the second ends this process at once. The workers end when it does.
 */
export class StopRequest {
  readonly #note: (text: string) => void;
  #requested = false;

  constructor(note: (text: string) => void) {
    this.#note = note;
    process.on('SIGINT', this.#onSignal);
    process.on('SIGTERM', this.#onSignal);
  }

  get requested(): boolean {
    return this.#requested;
  }

  /** Ask the run to stop. */
  readonly request = (): void => {
    this.#requested = true;
  };

  /** Leave signals to their default again. */
  close(): void {
    process.off('SIGINT', this.#onSignal);
    process.off('SIGTERM', this.#onSignal);
  }

  readonly #onSignal = (): void => {
    if (this.#requested) process.exit(1);
    this.#requested = true;
    this.#note('Stopping at a checkpoint; press Ctrl-C again to stop at once');
  };
}
