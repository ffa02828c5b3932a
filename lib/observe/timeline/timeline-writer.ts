import type { RunEventBus } from '../../run/events.ts';
import { runKeys } from '../../run/record/keys.ts';
import { createUnlessThere } from '../../store/create-unless-there.ts';
import type { Store } from '../../store/store.ts';
import { formatTimelineLine, type TimelineStep, timelineSteps } from './timeline-line.ts';

/** Writes a run's timeline. */
export interface TimelineWriter {
  /** Write what waits in memory now, and wait for all writes. Never fails. */
  flush(): Promise<void>;
}

/**
 * Store the traced steps as lines of `timeline/<first iteration>-e<epoch>.jsonl`: an object for each
 * series of iterations that are traced. Nobody waits for a write until the run's end, and one that
 * fails is given up, because nothing of a run depends on its timeline.
 */
export function attachTimelineWriter(
  bus: RunEventBus,
  store: Store,
  runId: string,
): TimelineWriter {
  let waiting: TimelineStep[] = [];
  let writes: Promise<unknown> = Promise.resolve();
  const write = () => {
    const [first] = waiting;
    if (!first) return;
    const key = runKeys.timeline(runId, first.iteration, first.epoch);
    const bytes = Buffer.from(waiting.map((step) => `${formatTimelineLine(step)}\n`).join(''));
    waiting = [];
    writes = writes.then(() => createUnlessThere(store, key, bytes).catch(() => {}));
  };
  const flush = async () => {
    write();
    await writes;
  };
  bus.on('iteration', (report) => {
    const steps = timelineSteps(report);
    waiting.push(...steps);
    // With local iterations, those after a round's first one have no steps.
    if (report.steps.length > 0 && steps.length === 0) write();
  });
  bus.on('ended', flush);
  return { flush };
}
