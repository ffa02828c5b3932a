import picocolors from 'picocolors';
import type { ProgramRegistry } from '../../program/registry.ts';
import { type Clock, systemClock } from '../../run/clock.ts';
import type { RunEventBus } from '../../run/events.ts';
import { attachLineReporter } from './line-reporter.ts';
import { attachLiveReporter } from './live-reporter.ts';
import { ProgressState } from './progress-state.ts';
import type { ConsoleStream } from './reporter.ts';

/** Where and how a run is shown. */
export interface ConsoleOptions {
  readonly stream: ConsoleStream;
  readonly isTTY: boolean;
  /** For `NO_COLOR` and `TERM`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The programs that the run's program may be one of. */
  readonly programs: ProgramRegistry;
  readonly clock?: Pick<Clock, 'now'>;
}

/** A run on a console. */
export interface RunConsole {
  /** Draw the last state and give the cursor back. Call it however the run ends. */
  close(): void;
  /** Workers alive. */
  setWorkers(workers: number): void;
  /** Show a note to people, on one line. */
  note(text: string): void;
}

/** Show a run's progress: a live block on a terminal, and plain lines everywhere else. */
export function attachConsole(
  bus: RunEventBus,
  { stream, isTTY, env, programs, clock = systemClock }: ConsoleOptions,
): RunConsole {
  const state = new ProgressState(bus, clock, programs);
  const live = isTTY && env.TERM !== 'dumb' && hasSize(stream);
  const colors = picocolors.createColors(live && !env.NO_COLOR);
  const reporter = live
    ? attachLiveReporter(bus, state, stream, colors, clock)
    : attachLineReporter(bus, state, stream, clock);
  return {
    close: () => reporter.close(),
    setWorkers: (workers) => state.setWorkers(workers),
    note: (text) => reporter.note(state.note(text)),
  };
}

/** A terminal may not know its size, for example in a container. Then nothing can be redrawn. */
function hasSize({ columns, rows }: ConsoleStream): boolean {
  return columns !== 0 && rows !== 0;
}
