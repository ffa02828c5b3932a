/** Where the console is drawn, usually standard error. */
export type ConsoleStream = NodeJS.WritableStream & {
  readonly columns?: number;
  readonly rows?: number;
};

/** A way of showing a run on a console. */
export interface Reporter {
  /** Show a note that the state has taken up. */
  note(text: string): void;
  /** Show the last state and leave the stream. A second call does nothing. */
  close(): void;
}
