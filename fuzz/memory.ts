import { readFileSync, writeFileSync } from 'node:fs';

const MEGABYTE = 2 ** 20;

/**
 * Measures how far resident memory grows. Linux keeps the peak itself, and forgets it on demand;
 * elsewhere only what is there when asked counts.
 */
export class MemoryPeak {
  #before = 0;

  /** Begin. What can be collected is, where the process exposes the collector. */
  start(): void {
    globalThis.gc?.();
    try {
      writeFileSync('/proc/self/clear_refs', '5');
    } catch {
      // Not Linux, or not permitted: the peak is then an upper bound, or a sample.
    }
    this.#before = process.memoryUsage.rss();
  }

  /** Megabytes above what there was at the start. */
  growthMb(): number {
    return Math.max(0, Math.round((peakBytes() - this.#before) / MEGABYTE));
  }
}

function peakBytes(): number {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  } catch {
    return process.memoryUsage.rss();
  }
}
