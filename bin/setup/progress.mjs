/**
 * Tells on stderr what takes long. A step that ends within two seconds says nothing; on a terminal
 * the rest is one live line, elsewhere (a log) one line every five seconds.
 */

const SILENT_MS = 2_000;
const LOG_EVERY_MS = 5_000;
const LIVE_EVERY_MS = 250;
const CLEAR_LINE = '\r\u001b[K';

/**
 * @param {{stream?: {write(text: string): unknown, isTTY?: boolean, columns?: number}}} [options]
 */
export function createProgress({ stream = process.stderr } = {}) {
  const live = Boolean(stream.isTTY);

  /** @param {string} line */
  function show(line) {
    if (live) {
      stream.write(`${CLEAR_LINE}${line.slice(0, (stream.columns || 80) - 1)}`);
    } else {
      stream.write(`${line}\n`);
    }
  }

  return {
    /** @param {string} text */
    say(text) {
      stream.write(`${live ? CLEAR_LINE : ''}${text}\n`);
    },

    /**
     * @template T
     * @param {string} title what is being done, as in `Installing the npm packages`
     * @param {() => Promise<T>} work
     * @param {() => string} [detail] asked at each line, for example `120 of 207 MB`
     * @returns {Promise<T>}
     */
    async step(title, work, detail = () => '') {
      const start = Date.now();
      let shown = false;
      /** @type {NodeJS.Timeout} */
      let timer;
      const tick = () => {
        shown = true;
        show([title, seconds(start), detail()].filter(Boolean).join(', '));
        timer = setTimeout(tick, live ? LIVE_EVERY_MS : LOG_EVERY_MS);
      };
      timer = setTimeout(tick, SILENT_MS);
      try {
        return await work();
      } finally {
        clearTimeout(timer);
        if (shown) {
          stream.write(`${live ? CLEAR_LINE : ''}${title}: ended after ${seconds(start)}\n`);
        }
      }
    },
  };
}

/** @typedef {ReturnType<typeof createProgress>} Progress */

/** @param {number} start */
function seconds(start) {
  return `${Math.round((Date.now() - start) / 1000)} s`;
}
