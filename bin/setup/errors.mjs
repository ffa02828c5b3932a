/**
 * A set-up that cannot go on. `remedy` is the one thing that the reader can do about it.
 */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {string} remedy
   * @param {{cause?: unknown}} [options]
   */
  constructor(message, remedy, options) {
    super(message, options);
    this.name = 'SetupError';
    this.remedy = remedy;
  }
}

/**
 * A way to the native backend that did not work out. It never fails the set-up: the next way is
 * tried, and WebAssembly is always left. `kind` picks the remedy (see remedies.mjs).
 */
export class NativeUnavailableError extends Error {
  /**
   * @param {import('./remedies.mjs').NativeProblem} kind
   * @param {string} message
   */
  constructor(kind, message) {
    super(message);
    this.name = 'NativeUnavailableError';
    this.kind = kind;
  }
}
