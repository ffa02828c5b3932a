/** A line that a function has logged. */
export interface LogLine {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Which function: `coordinator`, `worker`, `resident` or `watchdog`. */
  readonly source: string;
  readonly message: string;
}

/** Where the logs of functions are read from. */
export interface LogSource {
  /**
   * Lines of that time that hold one of the terms, and perhaps others, oldest first.
   *
   * @param from milliseconds since 1970
   */
  read(terms: readonly string[], from: number): Promise<LogLine[]>;
}
