import { formatDuration, formatInteger } from '../observe/format.ts';
import type { CliContext } from './context.ts';

/** Milliseconds between two updates of a terminal's line, and between two lines of a log. */
const PERIOD_MS = { terminal: 200, log: 2000 } as const;
const CLEAR_LINE = '\r\x1b[K';

/**
 * Shows an import's progress: one changing line on a terminal, otherwise a line every two seconds.
 */
export class ImportProgress {
  readonly #stream: CliContext['stderr'];
  readonly #start = Date.now();
  readonly #timer: NodeJS.Timeout;
  #text = 'Looking at the files';

  constructor(stream: CliContext['stderr']) {
    this.#stream = stream;
    const period = stream.isTTY ? PERIOD_MS.terminal : PERIOD_MS.log;
    this.#timer = setInterval(() => this.#draw(), period);
    this.#timer.unref();
  }

  /** Images have been read. */
  read(done: number, total: number): void {
    const percent = Math.floor((100 * done) / total);
    this.#text = `Read ${formatInteger(done)} of ${formatInteger(total)} images (${percent}%)`;
  }

  /** All have been read, and are written to the store. */
  pack(bytes: number): void {
    this.#text = `Packing ${formatInteger(bytes / 1e6)} MB`;
    if (this.#stream.isTTY) this.#draw(); // their checksum is computed at once
  }

  /** Leave nothing on the terminal's line. */
  close(): void {
    clearInterval(this.#timer);
    if (this.#stream.isTTY) this.#stream.write(CLEAR_LINE);
  }

  #draw(): void {
    const line = `${this.#text}, ${formatDuration(Date.now() - this.#start)}`;
    this.#stream.write(this.#stream.isTTY ? `${CLEAR_LINE}${line}` : `${line}\n`);
  }
}
