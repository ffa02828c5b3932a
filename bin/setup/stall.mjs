/**
 * Notices a download that stands still.
 *
 * @param {() => number} size bytes so far
 * @param {{firstMs: number, betweenMs: number}} limits how long to wait for the first bytes, and
 *   between two signs of life
 * @returns {() => string | null} to be asked now and then; a text says that it has stalled
 */
export function stallWatch(size, { firstMs, betweenMs }, now = Date.now) {
  const start = size();
  let last = { bytes: start, at: now() };
  return () => {
    const bytes = size();
    if (bytes !== last.bytes) {
      last = { bytes, at: now() };
      return null;
    }
    const limit = bytes === start ? firstMs : betweenMs;
    return now() - last.at > limit ? `no data for ${limit / 1000} s` : null;
  };
}
