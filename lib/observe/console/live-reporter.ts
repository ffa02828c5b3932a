import { createLogUpdate } from 'log-update';
import type { Colors } from 'picocolors/types.js';
import type { Clock } from '../../run/clock.ts';
import type { RunEventBus } from '../../run/events.ts';
import { renderLiveBlock } from './live-block.ts';
import type { ProgressState } from './progress-state.ts';
import type { ConsoleStream, Reporter } from './reporter.ts';

/** How often the block is drawn at most: it looks alive and costs next to nothing. */
const FRAME_MS = 100;
/** The clock is drawn without events too. */
const TICK_MS = 1000;

/** Draws the run as one block that stays in its place, and leaves the last one behind. */
export function attachLiveReporter(
  bus: RunEventBus,
  state: ProgressState,
  stream: ConsoleStream,
  colors: Colors,
  clock: Pick<Clock, 'now'>,
): Reporter {
  const update = createLogUpdate(stream);
  let drawnAt = Number.NEGATIVE_INFINITY;
  let closed = false;
  const draw = (): void => {
    if (closed) return;
    drawnAt = clock.now();
    // One column stays free: some terminals break a line that fills its last one.
    const width = (stream.columns || 80) - 1;
    update(renderLiveBlock(state.current, width, colors).join('\n'));
  };
  const drawIfDue = (): void => {
    if (clock.now() - drawnAt >= FRAME_MS) draw();
  };
  bus.on('started', draw).on('iteration', drawIfDue).on('checkpoint', drawIfDue);
  bus.on('resent', drawIfDue).on('ended', draw);
  const timer = setInterval(draw, TICK_MS).unref();
  return {
    note: draw,
    close: () => {
      if (closed) return;
      draw();
      closed = true;
      clearInterval(timer);
      update.done();
    },
  };
}
